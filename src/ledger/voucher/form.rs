//! What the form of a voucher asks for beyond the types of its members.

use super::*;
use crate::ledger::disclosure::Digests;
use crate::ledger::json::Json;
use crate::ledger::keys::{KeyKind, PublicKey};

type Checked = Result<(), MemberFault>;

impl Voucher {
    /// Checks everything that the form asks for beyond single members: which of them go together,
    /// digests, lines, counts, and that keys belong to this ledger.
    ///
    /// # Errors
    /// The first member that is out of its form.
    pub fn check_form(&self) -> Checked {
        self.check_form_of(&Json::from(&self.value()))
    }

    /// The same of a voucher that is written so.
    pub(super) fn check_form_of(&self, json: &Json<'_>) -> Checked {
        if !self.by.is_of(&self.log) {
            return Err(MemberFault::new("by", "expected a key of this ledger"));
        }
        digests_stand_once(json)?;
        lines_are_sealed_alike(json)?;
        self.keys_have_their_kind()?;
        self.body.check()
    }

    fn keys_have_their_kind(&self) -> Checked {
        let of_officer = |member: &str, key: &PublicKey| {
            let own = key.name().parse::<KeyName>().is_ok_and(|name| name.is_of(&self.log));
            require(own && key.kind() == KeyKind::Note, member, "an officer's key of this ledger")
        };
        let of_log = |member: &str, key: &PublicKey| {
            let own = key.name() == self.log.as_str() && key.kind() == KeyKind::Note;
            require(own, member, "a log key with this ledger's name")
        };
        match &self.body {
            Body::ChapterOpened(opened) => {
                of_log("log_key", &opened.log_key)?;
                for (at, officer) in opened.officers.iter().enumerate() {
                    of_officer(&format!("officers[{at}].vkey"), &officer.vkey)?;
                }
                match &opened.guardian {
                    Some(guardian) => of_officer("guardian.vkey", &guardian.vkey),
                    None => Ok(()),
                }
            }
            Body::OfficerEnrolled(enrolled) => of_officer("officer.vkey", &enrolled.officer.vkey),
            Body::KeyRotated(rotated) => {
                of_officer("old_vkey", &rotated.old_vkey)?;
                of_officer("new_vkey", &rotated.new_vkey)
            }
            Body::GuardianNamed(named) => of_officer("guardian.vkey", &named.guardian.vkey),
            Body::LogKeyRotated(rotated) => of_log("new_vkey", &rotated.new_vkey),
            Body::WitnessNamed(named) => require(
                named.vkey.kind() == KeyKind::Cosignature,
                "vkey",
                "a witness's cosignature key",
            ),
            _ => Ok(()),
        }
    }
}

impl Body {
    fn check(&self) -> Checked {
        match self {
            Self::ChapterOpened(body) => {
                require(body.currency.scale.get() <= 3, "currency.scale", "0 to 3")?;
                let first = body.books_from.month().first_day() == body.books_from;
                require(first, "books_from", "the first day of a month")
            }
            Self::OpeningBalance(body) => opening(body),
            Self::Donation(body) => sealed_donor("donor", &body.donor),
            Self::AidPaid(body) => {
                counts(body.counts.as_ref(), body.lines.len())?;
                papers(body.papers.as_ref())
            }
            Self::GoodsDistributed(body) => counts(body.counts.as_ref(), body.lines.len()),
            Self::CostPaid(body) => {
                payee(&body.payee)?;
                papers(body.papers.as_ref())
            }
            Self::GoodsPurchased(body) => payee(&body.payee),
            Self::GoodsReceived(body) => {
                sealed_donor("donor", &body.donor)?;
                papers(body.papers.as_ref())
            }
            Self::CashCounted(body) => {
                let with_difference = body.difference.minor() != 0;
                let reason = "to stand exactly when there is a difference";
                require(body.fund.is_some() == with_difference, "fund", reason)
            }
            Self::LoanApproved(body) => needs_private(body.private.as_ref()),
            Self::LoanRescheduled(body) => needs_private(body.private.as_ref()),
            _ => self.check_alternatives(),
        }
    }

    /// Members of which exactly one stands, and members that stand together.
    fn check_alternatives(&self) -> Checked {
        match self {
            Self::SentToChapter(body) => {
                exactly_one("amount", body.amount.is_some(), body.items.is_some())?;
                together("place", body.amount.is_some(), body.place.is_some())?;
                together("store", body.items.is_some(), body.store.is_some())
            }
            Self::ReceivedFromChapter(body) => {
                exactly_one("amount", body.amount.is_some(), body.lots.is_some())?;
                together("place", body.amount.is_some(), body.place.is_some())?;
                together("store", body.lots.is_some(), body.store.is_some())
            }
            Self::GoodsReturned(body) => {
                together("place", body.amount.is_some(), body.place.is_some())
            }
            Self::HandoverReturned(body) => {
                exactly_one("amount", body.amount.is_some(), body.items.is_some())?;
                only_with("place", body.place.is_some(), body.amount.is_some())
            }
            Self::CustodyReceived(body) => {
                sealed_donor("donor", &body.donor)?;
                if let Some(recipient) = &body.to {
                    needs_private(recipient.private.as_ref())?;
                }
                exactly_one("amount", body.amount.is_some(), body.goods.is_some())?;
                together("place", body.amount.is_some(), body.place.is_some())
            }
            Self::CustodyHandedOver(body) => {
                papers(body.papers.as_ref())?;
                exactly_one("amount", body.amount.is_some(), body.goods.is_some())?;
                only_with("place", body.place.is_some(), body.amount.is_some())
            }
            Self::CustodyReturned(body) => {
                papers(body.papers.as_ref())?;
                exactly_one("amount", body.amount.is_some(), body.goods.is_some())?;
                only_with("place", body.place.is_some(), body.amount.is_some())
            }
            Self::CustodyAssigned(body) => assigned(body),
            _ => Ok(()),
        }
    }
}

fn require(holds: bool, member: &str, expected: &str) -> Checked {
    if holds { Ok(()) } else { Err(MemberFault::new(member, format!("expected {expected}"))) }
}

fn exactly_one(member: &str, one: bool, other: bool) -> Checked {
    require(one != other, member, "exactly one of the members that exclude each other")
}

fn together(member: &str, leader: bool, follower: bool) -> Checked {
    require(leader == follower, member, "to stand exactly with the member it belongs to")
}

fn only_with(member: &str, follower: bool, leader: bool) -> Checked {
    require(!follower || leader, member, "to stand only with an amount")
}

fn needs_private(private: Option<&Digests>) -> Checked {
    require(private.is_some(), "_sd", "digests of private values")
}

fn sealed_donor(member: &str, donor: &Donor) -> Checked {
    let two = donor.private.as_ref().is_some_and(|digests| digests.as_slice().len() == 2);
    require(two, &format!("{member}._sd"), "exactly two digests")
}

fn payee(payee: &Payee) -> Checked {
    match payee {
        Payee::Firm(_) => Ok(()),
        Payee::Sealed(donor) => sealed_donor("payee", donor),
    }
}

fn papers(papers: Option<&Papers>) -> Checked {
    let sealed = papers.is_none_or(|papers| papers.iter().all(|paper| paper.private.is_some()));
    require(sealed, "papers", "each paper with digests of its title and hash")
}

/// Families per category: each at least five, together as many as there are lines.
fn counts(counts: Option<&Counts>, lines: usize) -> Checked {
    let Some(counts) = counts else { return Ok(()) };
    let enough = !counts.is_empty() && counts.values().all(|number| number.get() >= 5);
    require(enough, "counts", "five families or more in each category")?;
    let sum = counts.values().try_fold(0_u64, |sum, number| sum.checked_add(number.get()));
    require(sum == u64::try_from(lines).ok(), "counts", "as many families as there are lines")
}

fn opening(body: &OpeningBalance) -> Checked {
    let lists =
        [body.money.is_some(), body.goods.is_some(), body.loans.is_some(), body.custody.is_some()];
    require(lists.contains(&true), "money", "at least one list of balances")?;
    for loan in body.loans.iter().flat_map(|loans| loans.iter()) {
        needs_private(loan.private.as_ref())?;
    }
    for custody in body.custody.iter().flat_map(|custody| custody.iter()) {
        exactly_one("custody", custody.amount.is_some(), custody.goods.is_some())?;
        together("custody.place", custody.amount.is_some(), custody.place.is_some())?;
    }
    Ok(())
}

fn assigned(body: &CustodyAssigned) -> Checked {
    let donation = body.r#as == AssignedAs::Donation;
    let by_type = |member: &str, stands: bool, wanted: bool| {
        require(stands == wanted, member, "to stand as `as` asks")
    };
    by_type("fund", body.fund.is_some(), donation)?;
    by_type("donor", body.donor.is_some(), donation)?;
    by_type("loan", body.loan.is_some(), !donation)?;
    by_type("principal", body.principal.is_some(), !donation)?;
    by_type("fee", body.fee.is_some(), !donation)?;
    body.donor.as_ref().map_or(Ok(()), |donor| sealed_donor("donor", donor))
}

/// A digest stands once in a voucher, wherever it stands.
fn digests_stand_once(json: &Json<'_>) -> Checked {
    let mut all = Vec::new();
    collect_digests(json, &mut all);
    all.sort_unstable();
    let once = all.windows(2).all(|pair| pair[0] != pair[1]);
    require(once, "_sd", "each digest only once")
}

fn collect_digests<'j>(json: &'j Json<'_>, digests: &mut Vec<&'j str>) {
    match json {
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::List(list) if name == "_sd" => {
                        digests.extend(list.iter().filter_map(Json::text));
                    }
                    _ => collect_digests(member, digests),
                }
            }
        }
        Json::List(list) => list.iter().for_each(|member| collect_digests(member, digests)),
        _ => {}
    }
}

/// Lines of families: digests in each, as many in every one, none deeper inside, sorted by the
/// first, so that neither number nor position points to a family.
fn lines_are_sealed_alike(json: &Json<'_>) -> Checked {
    let Some(lines) = json.get("lines").and_then(Json::list) else { return Ok(()) };
    let mut previous: Option<&str> = None;
    let mut number = None;
    for (at, line) in lines.iter().enumerate() {
        let member = format!("lines[{at}]");
        let own = line.get("_sd").and_then(Json::list);
        let digests: Vec<&str> = own.into_iter().flatten().filter_map(Json::text).collect();
        let mut all = Vec::new();
        collect_digests(line, &mut all);
        require(!digests.is_empty(), &member, "digests of private values")?;
        require(all.len() == digests.len(), &member, "no digests inside the line's members")?;
        let alike = *number.get_or_insert(digests.len()) == digests.len();
        require(alike, &member, "as many digests as the other lines")?;
        let first = digests.first().copied();
        require(previous < first, &member, "lines in the order of their first digests")?;
        previous = first;
    }
    Ok(())
}

impl Voucher {
    /// The digests of the donor, where the kind has one.
    #[must_use]
    pub fn donor_digests(&self) -> Option<&Digests> {
        let donor = match &self.body {
            Body::Donation(body) => Some(&body.donor),
            Body::GoodsReceived(body) => Some(&body.donor),
            Body::CustodyReceived(body) => Some(&body.donor),
            Body::CustodyAssigned(body) => body.donor.as_ref(),
            _ => None,
        };
        donor.and_then(|donor| donor.private.as_ref())
    }

    /// Every digest of the voucher, wherever it stands.
    #[must_use]
    pub fn all_digests(&self) -> Vec<String> {
        let value = self.value();
        let json = Json::from(&value);
        let mut digests = Vec::new();
        collect_digests(&json, &mut digests);
        digests.into_iter().map(str::to_owned).collect()
    }
}
