//! The chapter itself: opening, policy, officers, keys, places, funds, programmes, closing.

use super::accounts::CUSTODY_FUND;
use super::goods::thousandths;
use super::officers::Officers;
use super::refusal::{GoodsRefusal, LoanRefusal, Refusal};
use super::{Books, ChapterState, place_of};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, ChapterOpened, KeyRotated, Kind, LogKeyRotated, WitnessNamed};
use crate::ledger::word::Code;
use crate::money::Money;

/// Whether an entry may stand after the chapter was closed.
pub(super) fn after_closing(entry: &Entry) -> bool {
    matches!(
        entry.voucher().kind(),
        Kind::OfficerEnrolled
            | Kind::OfficerRetired
            | Kind::KeyRotated
            | Kind::GuardianNamed
            | Kind::LogKeyRotated
            | Kind::PeriodClosed
            | Kind::PeriodAudited
            | Kind::StatementPublished
            | Kind::PrivacyErased
    )
}

impl Books {
    /// Kinds without postings: what they refuse.
    pub(super) fn check_registers(&self, entry: &Entry) -> Result<(), Refusal> {
        let seq = entry.place();
        match &entry.voucher().body {
            Body::ChapterOpened(body) => {
                self.check_continues(entry)?;
                opening_officers(self.officers_before(entry), body, entry).map(|_| ())
            }
            Body::ChapterChanged(body) => match &self.chapter {
                Some(state) if state.chapter.slug == body.chapter.slug => Ok(()),
                _ => Err(Refusal::Slug),
            },
            Body::RulesAdopted(body) => {
                let current = self.chapter.as_ref().map_or(0, |chapter| chapter.rules);
                if body.rules.get() > current {
                    Ok(())
                } else {
                    Err(Refusal::RulesNumber { current })
                }
            }
            Body::ChapterClosed(_) => self.nothing_left(),
            Body::OfficerEnrolled(body) => self.officers.clone().enrol(&body.officer, seq),
            Body::OfficerRetired(body) => self.officers.clone().retire(&body.person, seq),
            Body::KeyRotated(body) => self.key_rotated(body, entry),
            Body::GuardianNamed(body) => self.officers.clone().name_guardian(&body.guardian, seq),
            Body::LogKeyRotated(body) => self.log_key_rotated(body, entry.seq),
            Body::WitnessNamed(body) => self.witness_named(body),
            Body::PlaceOpened(body) => self.register.can_open_place(&body.place),
            Body::PlaceClosed(body) => {
                let balance = self.register.place("place", &body.place)?.balance;
                empty(&body.place, balance)
            }
            Body::FundOpened(body) => {
                let (from, to) = (body.fund.from, body.fund.to);
                match (from, to) {
                    (Some(from), Some(to)) if from > to => {
                        Err(Refusal::DayOrder { member: "fund.from", latest: to })
                    }
                    _ => self.register.can_open_fund(&body.fund),
                }
            }
            Body::FundClosed(body) => {
                let money = self.register.fund("fund", &body.fund)?.money;
                empty(&body.fund, money)?;
                self.no_goods(Some(&body.fund))?;
                self.no_loans(Some(&body.fund))
            }
            Body::ProgrammeOpened(body) => self.register.can_open_programme(&body.programme),
            Body::ItemOpened(body) => self.register.can_open_item(&body.item),
            Body::StoreOpened(body) => self.register.can_open_store(&body.store),
            Body::ActivityReported(body) => {
                self.register.programme(&body.programme)?;
                if body.from > body.to {
                    return Err(Refusal::DayOrder { member: "from", latest: body.to });
                }
                Ok(())
            }
            // `policy_changed` and `privacy_erased` refuse nothing of their own.
            _ => Ok(()),
        }
    }

    /// What the kinds without postings change.
    pub(super) fn absorb_registers(&mut self, entry: &Entry) {
        let seq = entry.place();
        if let Body::ChapterOpened(body) = &entry.voucher().body {
            self.open_chapter(body, entry);
            return;
        }
        let Some(chapter) = &mut self.chapter else { return };
        // `check` accepted each of these over this very state, so none of them fails here.
        let done = match &entry.voucher().body {
            Body::ChapterChanged(body) => {
                chapter.chapter = body.chapter.clone();
                Ok(())
            }
            Body::PolicyChanged(body) => {
                chapter.policy = body.policy.clone();
                Ok(())
            }
            Body::RulesAdopted(body) => {
                chapter.rules = body.rules.get();
                Ok(())
            }
            Body::ChapterClosed(_) => {
                chapter.closed = Some(seq);
                Ok(())
            }
            Body::LogKeyRotated(body) => {
                chapter.log_keys.push((body.new_vkey.clone(), body.from_size.get()));
                Ok(())
            }
            Body::WitnessNamed(body) => {
                let url = body.url.as_ref().map(ToString::to_string);
                chapter.witnesses.push((body.name.to_string(), body.vkey.clone(), url));
                Ok(())
            }
            Body::OfficerEnrolled(body) => self.officers.enrol(&body.officer, seq),
            Body::OfficerRetired(body) => self.officers.retire(&body.person, seq),
            Body::GuardianNamed(body) => self.officers.name_guardian(&body.guardian, seq),
            Body::KeyRotated(body) => self.absorb_rotation(body, entry),
            Body::PlaceOpened(body) => {
                self.register.open_place(&body.place);
                Ok(())
            }
            Body::FundOpened(body) => {
                self.register.open_fund(&body.fund);
                Ok(())
            }
            Body::ProgrammeOpened(body) => {
                self.register.open_programme(&body.programme);
                Ok(())
            }
            Body::ItemOpened(body) => {
                self.register.open_item(&body.item);
                Ok(())
            }
            Body::StoreOpened(body) => {
                self.register.open_store(&body.store);
                Ok(())
            }
            body => {
                self.absorb_ends(body, seq);
                Ok(())
            }
        };
        debug_assert!(done.is_ok(), "an accepted entry was refused when it was absorbed");
    }

    fn absorb_ends(&mut self, body: &Body, seq: u64) {
        match body {
            Body::PlaceClosed(body) => {
                if let Some(place) = self.register.place_mut(&body.place) {
                    place.closed = true;
                }
            }
            Body::FundClosed(body) => {
                if let Some(fund) = self.register.fund_mut(&body.fund) {
                    fund.closed = true;
                }
            }
            Body::PeriodClosed(body) => self.absorb_closing(body, seq),
            _ => {}
        }
    }

    fn open_chapter(&mut self, body: &ChapterOpened, entry: &Entry) {
        let earlier = self.earlier_ledgers(entry);
        if let Ok(officers) = opening_officers(self.officers_before(entry), body, entry) {
            self.officers = officers;
        }
        self.chapter = Some(ChapterState {
            origin: entry.voucher().log.clone(),
            earlier,
            before: entry.before,
            chapter: body.chapter.clone(),
            currency: body.currency.clone(),
            utc_offset: body.utc_offset,
            books_from: body.books_from,
            rules: body.rules.get(),
            policy: body.policy.clone(),
            closed: None,
            log_keys: vec![(body.log_key.clone(), 0)],
            witnesses: Vec::new(),
        });
    }

    fn key_rotated(&self, body: &KeyRotated, entry: &Entry) -> Result<(), Refusal> {
        let place = entry.place();
        if let Some(from) = body.compromised_from_seq
            && place_of("compromised_from_seq", from, entry)? >= place
        {
            return Err(Refusal::CompromisedFrom);
        }
        self.officers.clone().rotate(&body.person, &body.old_vkey, &body.new_vkey, place)
    }

    fn absorb_rotation(&mut self, body: &KeyRotated, entry: &Entry) -> Result<(), Refusal> {
        self.officers.rotate(&body.person, &body.old_vkey, &body.new_vkey, entry.place())?;
        if let Some(from) = body.compromised_from_seq {
            let from = place_of("compromised_from_seq", from, entry)?;
            self.officers.compromise(&body.old_vkey, from);
        }
        Ok(())
    }

    fn log_key_rotated(&self, body: &LogKeyRotated, seq: u64) -> Result<(), Refusal> {
        let Some(chapter) = &self.chapter else { return Err(Refusal::Opening) };
        let earlier = chapter.log_keys.iter().map(|(_, from)| *from).max().unwrap_or(0);
        let above = earlier.max(seq);
        if body.from_size.get() <= above {
            return Err(Refusal::FromSize { above });
        }
        if chapter.had_log_key(&body.new_vkey) { Err(Refusal::KeyUsed) } else { Ok(()) }
    }

    fn witness_named(&self, body: &WitnessNamed) -> Result<(), Refusal> {
        let Some(chapter) = &self.chapter else { return Err(Refusal::Opening) };
        let known = chapter
            .witnesses
            .iter()
            .any(|(name, vkey, _)| name == body.name.as_str() || vkey.bytes() == body.vkey.bytes());
        if known { Err(Refusal::WitnessNamed) } else { Ok(()) }
    }

    /// A chapter closes with nothing left: no balance of a place or fund, nothing held for others.
    fn nothing_left(&self) -> Result<(), Refusal> {
        for (code, place) in self.register.places() {
            empty(code, place.balance)?;
        }
        for (code, fund) in self.register.funds() {
            empty(code, fund.money)?;
        }
        let held = self.lots.held_in_all();
        if held != Money::ZERO {
            return Err(Refusal::NotEmpty { code: CUSTODY_FUND.to_owned(), balance: held });
        }
        self.no_goods(None)?;
        self.no_loans(None)?;
        match self.stock.held().next() {
            None => Ok(()),
            Some((_, held)) => {
                let (code, item) = (CUSTODY_FUND.to_owned(), held.description);
                let quantity = thousandths(held.quantity);
                Err(GoodsRefusal::GoodsLeft { code, item, quantity }.into())
            }
        }
    }

    /// Nothing is owed or set aside, of a fund or of all.
    fn no_loans(&self, of: Option<&Code>) -> Result<(), Refusal> {
        match self.loans.first_left(of) {
            None => Ok(()),
            Some((fund, amount)) => {
                Err(LoanRefusal::LoansLeft { fund: fund.to_string(), amount }.into())
            }
        }
    }

    /// Nothing lies in any store, of a fund or of all, not even goods without value.
    fn no_goods(&self, of: Option<&Code>) -> Result<(), Refusal> {
        let mut left = self.stock.shelves();
        match left.find(|((_, fund, _), _)| of.is_none_or(|of| of == fund)) {
            None => Ok(()),
            Some(((_, fund, item), goods)) => {
                let (code, item) = (fund.to_string(), item.to_string());
                let quantity = thousandths(goods.quantity);
                Err(GoodsRefusal::GoodsLeft { code, item, quantity }.into())
            }
        }
    }
}

/// The officers of entry 0, after those of the ledger that it continues.
fn opening_officers(
    mut officers: Officers,
    body: &ChapterOpened,
    entry: &Entry,
) -> Result<Officers, Refusal> {
    if entry.voucher().log.slug() != body.chapter.slug.as_str() {
        return Err(Refusal::Slug);
    }
    for officer in &body.officers {
        officers.enrol(officer, entry.place())?;
    }
    if let Some(guardian) = &body.guardian {
        officers.name_guardian(guardian, entry.place())?;
    }
    officers.can_go_on()?;
    Ok(officers)
}

fn empty(code: &Code, balance: Money) -> Result<(), Refusal> {
    if balance == Money::ZERO {
        Ok(())
    } else {
        Err(Refusal::NotEmpty { code: code.to_string(), balance })
    }
}
