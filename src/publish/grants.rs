//! What was handed over, in the form of the 360Giving Data Standard 1.4
//! (`standard.threesixtygiving.org`): one grant an entry of the ledger.
//!
//! Recipients are individuals without a name: an entry serves one family or many, and the
//! identifier of its recipients is made from the entry, never from a family, so that nobody can be
//! followed
//! from one grant to another. How many families an entry served is not in the file.
//!
//! The identifiers of grants begin with the identity of the ledger (`so.example-xuan-tay-7`); it is
//! no prefix of the register of 360Giving, which a chapter may ask for.

use serde::Serialize;

use crate::store::facade::Handover;

/// A file of grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// The version of the standard.
    pub version: &'static str,
    /// A title.
    pub title: String,
    /// The day of the newest entry.
    pub issued: String,
    /// Who publishes.
    pub publisher: Publisher,
    /// The address of the file.
    #[serde(rename = "downloadURL")]
    pub download: String,
    /// The address of the page about it.
    #[serde(rename = "accessURL")]
    pub access: String,
    /// The grants, in ledger order.
    pub grants: Vec<Grant>,
}

/// Who publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Publisher {
    /// The name of the chapter.
    pub name: String,
    /// Its page.
    pub website: String,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Its identifier.
    pub id: String,
    /// In one line, below 140 characters.
    pub title: String,
    /// The same in a sentence.
    pub description: String,
    /// The currency, ISO 4217.
    pub currency: String,
    /// The amount, or the value of the goods.
    pub amount_awarded: i64,
    /// What of it stayed handed over.
    pub amount_disbursed: i64,
    /// The business date.
    pub award_date: String,
    /// The page of the entry.
    pub url: String,
    /// The recipients, without a name.
    pub recipient_individual: Party,
    /// The chapter.
    pub funding_organization: Vec<Party>,
    /// The programme.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_programme: Vec<Programme>,
    /// The country, and the province where the chapter names it.
    pub beneficiary_location: Vec<Location>,
    /// When the entry came into the ledger.
    pub date_modified: String,
    /// The page of the ledger.
    pub data_source: String,
}

/// An organisation or a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The identifier.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Programme {
    /// Its code.
    pub code: String,
    /// Its name.
    pub title: String,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The country, ISO 3166-1.
    pub country_code: &'static str,
}

/// What all grants of a chapter have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funder {
    /// The identity of the ledger.
    pub origin: String,
    /// The name of the chapter.
    pub name: String,
    /// The province.
    pub province: Option<String>,
    /// The currency.
    pub currency: String,
    /// The address of the chapter's page, without a slash at the end.
    pub page: String,
    /// What the recipients are called.
    pub recipients: String,
}

impl Funder {
    /// A handover as a grant; `words` are its title and description, `programme` the name of its
    /// programme.
    #[must_use]
    pub fn grant(
        &self,
        own: &Handover,
        (title, description): (String, String),
        programme: Option<String>,
    ) -> Grant {
        let id = format!("{}-{}", self.origin.replace('/', "-"), own.seq);
        let code = own.programme.as_ref().map(ToString::to_string);
        let disbursed = own.amount.checked_sub(own.returned).unwrap_or_default();
        Grant {
            recipient_individual: Party {
                id: format!("{id}-recipients"),
                name: self.recipients.clone(),
            },
            id,
            title: title.chars().take(139).collect(),
            description,
            currency: self.currency.clone(),
            amount_awarded: own.amount.minor(),
            amount_disbursed: disbursed.minor(),
            award_date: own.date.to_string(),
            url: format!("{}/so/{}", self.page, own.seq),
            funding_organization: vec![Party { id: self.origin.clone(), name: self.name.clone() }],
            grant_programme: code
                .map(|code| Programme { title: programme.unwrap_or_else(|| code.clone()), code })
                .into_iter()
                .collect(),
            beneficiary_location: vec![Location {
                name: self.province.clone(),
                country_code: "VN",
            }],
            date_modified: own.at.to_string(),
            data_source: self.page.clone(),
        }
    }
}
