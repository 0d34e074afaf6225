//! One family: who they are, why they are helped, what they agreed to, what they may ask for, and
//! the vouchers in which they stand.

use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::edit::find;
use super::form::{members, spells};
use super::list::today;
use crate::import::text::essence;
use crate::ledger::word::{Date, Person};
use crate::store::desk::register::{Family, Referral};
use crate::store::desk::settings::Entitlement;
use crate::web::desk::approvals::title;
use crate::web::desk::sponsors;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Something to ask for, with what became of it.
#[derive(Debug, Serialize)]
struct Ask {
    text: String,
    source: String,
    /// When the family was referred for it, and what came of it.
    referred: Option<(String, Option<String>)>,
}

/// A member as pages show them.
#[derive(Debug, Serialize)]
struct ShownMember {
    name: String,
    birth_year: Option<u16>,
    relation: Option<String>,
    disability: Option<&'static str>,
    agent_orange: Option<u8>,
    asks: Vec<Ask>,
}

/// A reason for which a family is helped.
#[derive(Debug, Serialize)]
struct ShownSpell {
    key: String,
    from: Option<String>,
    to: Option<String>,
    holds: bool,
}

/// A referral as pages show it.
#[derive(Debug, Serialize)]
struct ShownReferral {
    scheme: String,
    on: String,
    outcome: Option<String>,
    outcome_on: Option<String>,
}

/// A family as pages show it.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: String,
    name: String,
    hamlet: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    identity: Option<String>,
    notes: Option<String>,
    members: Vec<ShownMember>,
    spells: Vec<ShownSpell>,
    agreed: Option<(String, String, String)>,
    referrals: Vec<ShownReferral>,
    changed_by: Option<String>,
    changed_at: Option<String>,
}

/// A family without what its members may ask for.
#[must_use]
pub fn shown(officer: &Officer, family: &Family) -> Shown {
    let record = &family.record;
    let day = Date::new(officer.today);
    Shown {
        id: family.person.to_string(),
        name: record.full_name.clone(),
        hamlet: record.hamlet.clone(),
        address: record.address.clone(),
        phone: record.phone.clone(),
        identity: record.identity_number.clone(),
        notes: record.notes.clone(),
        members: members(record)
            .into_iter()
            .map(|member| ShownMember {
                name: member.full_name,
                birth_year: member.birth_year,
                relation: member.relation,
                disability: member.disability.map(|degree| degree.as_str()),
                agent_orange: member.agent_orange,
                asks: Vec::new(),
            })
            .collect(),
        spells: spells(record)
            .into_iter()
            .map(|spell| ShownSpell {
                key: format!("category-{}", spell.category.as_str().replace('_', "-")),
                from: spell.from.map(|from| from.to_string()),
                to: spell.to.map(|to| to.to_string()),
                holds: day.is_some_and(|day| spell.holds_on(day)),
            })
            .collect(),
        agreed: record
            .household
            .agreed
            .as_ref()
            .map(|agreed| (agreed.what.clone(), agreed.on.to_string(), agreed.how.clone())),
        referrals: record.household.referrals.iter().map(referral).collect(),
        changed_by: family.changed_by.as_ref().map(|by| title(officer, by)),
        changed_at: family.changed_at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    }
}

fn referral(referral: &Referral) -> ShownReferral {
    ShownReferral {
        scheme: referral.scheme.clone(),
        on: referral.on.to_string(),
        outcome: referral.outcome.clone(),
        outcome_on: referral.outcome_on.map(|on| on.to_string()),
    }
}

/// What a member may ask for, as the chapter words it, with the referrals for exactly that.
fn asks(member: &ShownMember, all: &[Entitlement], family: &Family) -> Vec<Ask> {
    let disability = member.disability.map(|degree| format!("disability_{degree}"));
    let orange = member.agent_orange.map(|generation| format!("agent_orange_{generation}"));
    let groups = [disability, orange];
    let own = all.iter().filter(|ask| groups.iter().flatten().any(|group| *group == ask.group));
    own.map(|ask| {
        let same = |referral: &&Referral| essence(&referral.scheme) == essence(&ask.text);
        let last = family.record.household.referrals.iter().rev().find(same);
        Ask {
            text: ask.text.clone(),
            source: ask.source.clone(),
            referred: last.map(|last| (last.on.to_string(), last.outcome.clone())),
        }
    })
    .collect()
}

/// The page of a family.
#[get("/ban/so-ho/<id>?<moi>&<lai>&<sua>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    moi: Option<&str>,
    lai: Option<&str>,
    sua: Option<&str>,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    today(&officer)?;
    let family = match find(&officer, store, config, id).await {
        Err(Fault::NotFound) => return held_back(&officer, &kept, id).await,
        found => found?,
    };
    let settings = store.settings(&officer.desk).await.map_err(Fault::internal)?;
    let mut own = shown(&officer, &family);
    for member in &mut own.members {
        member.asks = asks(member, &settings.entitlements, &family);
    }
    let orange = own.members.iter().any(|member| member.agent_orange.is_some());
    let vouchers = store.vouchers_of(&officer.desk, &family.person).await;
    let vouchers: Vec<(String, Option<u64>)> = vouchers
        .map_err(Fault::internal)?
        .into_iter()
        .map(|(id, seq)| (id.to_string(), seq))
        .collect();
    let plans = sponsors::of_family(&officer, store, config, &family.person).await?;
    let done = match (moi, lai, sua) {
        (Some(_), _, _) => Some("families-entered"),
        (_, Some(_), _) => Some("families-entered-before"),
        (_, _, Some(_)) => Some("families-changed"),
        _ => None,
    };
    Ok(crate::web::desk::page(
        &officer,
        "desk/families/detail.html",
        context! {
            family => minijinja::value::Serde(own),
            vouchers,
            plans,
            orange,
            done,
        },
    ))
}

/// A family whose values are restricted has a page without any of them.
async fn held_back(officer: &Officer, kept: &Kept<'_>, id: &str) -> Result<Page, Fault> {
    let person: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let subject = crate::store::desk::vault::Subject::Person(person);
    let held = kept.0.holding_of(&officer.desk, &subject).await.map_err(Fault::internal)?;
    if !held.is_some_and(|held| held.restricted) {
        return Err(Fault::NotFound);
    }
    Ok(crate::web::desk::page(officer, "desk/families/restricted.html", context! { id }))
}
