//! Funds, places, programmes, items, stores: what is open, and what a fund's terms allow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::accounts::CUSTODY_FUND;
use super::refusal::Refusal;
use crate::ledger::voucher::{Fund, FundType, Item, Kind, Place, PlaceType, Programme, StoreRoom};
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// The place that every chapter has from the first day.
pub const CASH: &str = "cash";

/// A place of money with its balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceState {
    /// What it is.
    pub r#type: PlaceType,
    /// As it was opened; `None` for the cash box that is there from the start.
    pub opened: Option<Place>,
    /// Whether it is closed.
    pub closed: bool,
    /// Money in it over all funds.
    pub balance: Money,
    /// Standing cash counts: the day, and the entry.
    pub counts: Vec<(Date, u64)>,
}

/// A fund with its money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundState {
    /// As it was opened.
    pub fund: Fund,
    /// Whether it is closed.
    pub closed: bool,
    /// Its money over all places.
    pub money: Money,
}

/// Everything with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    places: BTreeMap<Code, PlaceState>,
    funds: BTreeMap<Code, FundState>,
    programmes: BTreeMap<Code, Programme>,
    items: BTreeMap<Code, Item>,
    stores: BTreeMap<Code, StoreRoom>,
}

impl Default for Register {
    fn default() -> Self {
        let mut places = BTreeMap::new();
        if let Ok(cash) = CASH.parse() {
            let state = PlaceState {
                r#type: PlaceType::Cash,
                opened: None,
                closed: false,
                balance: Money::ZERO,
                counts: Vec::new(),
            };
            places.insert(cash, state);
        }
        Self {
            places,
            funds: BTreeMap::new(),
            programmes: BTreeMap::new(),
            items: BTreeMap::new(),
            stores: BTreeMap::new(),
        }
    }
}

impl Register {
    /// Every place there ever was, by code.
    #[must_use]
    pub fn places(&self) -> &BTreeMap<Code, PlaceState> {
        &self.places
    }

    /// Every fund there ever was, by code.
    #[must_use]
    pub fn funds(&self) -> &BTreeMap<Code, FundState> {
        &self.funds
    }

    /// Every programme, by code.
    #[must_use]
    pub fn programmes(&self) -> &BTreeMap<Code, Programme> {
        &self.programmes
    }

    /// Every item, by code.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<Code, Item> {
        &self.items
    }

    /// Every store, by code.
    #[must_use]
    pub fn stores(&self) -> &BTreeMap<Code, StoreRoom> {
        &self.stores
    }

    /// An item.
    ///
    /// # Errors
    /// An unknown item; `member` is where it stands in the voucher.
    pub fn item(&self, member: &'static str, code: &Code) -> Result<&Item, Refusal> {
        self.items.get(code).ok_or_else(|| unknown(member, code))
    }

    /// A store.
    ///
    /// # Errors
    /// An unknown store; `member` is where it stands in the voucher.
    pub fn store(&self, member: &'static str, code: &Code) -> Result<&StoreRoom, Refusal> {
        self.stores.get(code).ok_or_else(|| unknown(member, code))
    }

    /// A place that is open.
    ///
    /// # Errors
    /// An unknown or closed place; `member` is where it stands in the voucher.
    pub fn place(&self, member: &'static str, code: &Code) -> Result<&PlaceState, Refusal> {
        let place = self.places.get(code).ok_or_else(|| unknown(member, code))?;
        if place.closed { Err(closed(member, code)) } else { Ok(place) }
    }

    /// A fund that is open; never `custody`.
    ///
    /// # Errors
    /// An unknown or closed fund; `member` is where it stands in the voucher.
    pub fn fund(&self, member: &'static str, code: &Code) -> Result<&FundState, Refusal> {
        let fund = self.funds.get(code).ok_or_else(|| unknown(member, code))?;
        if fund.closed { Err(closed(member, code)) } else { Ok(fund) }
    }

    /// A programme.
    ///
    /// # Errors
    /// An unknown programme.
    pub fn programme(&self, code: &Code) -> Result<&Programme, Refusal> {
        self.programmes.get(code).ok_or_else(|| unknown("programme", code))
    }

    /// Whether a place can be opened under its code.
    ///
    /// # Errors
    /// [`Refusal::CodeUsed`].
    pub fn can_open_place(&self, place: &Place) -> Result<(), Refusal> {
        unused(!self.places.contains_key(&place.code), &place.code)
    }

    /// Whether a fund can be opened under its code.
    ///
    /// # Errors
    /// [`Refusal::CodeUsed`].
    pub fn can_open_fund(&self, fund: &Fund) -> Result<(), Refusal> {
        let free = !self.funds.contains_key(&fund.code) && fund.code.as_str() != CUSTODY_FUND;
        unused(free, &fund.code)
    }

    /// Whether a programme can be opened under its code.
    ///
    /// # Errors
    /// [`Refusal::CodeUsed`].
    pub fn can_open_programme(&self, programme: &Programme) -> Result<(), Refusal> {
        unused(!self.programmes.contains_key(&programme.code), &programme.code)
    }

    /// Whether an item can be opened under its code.
    ///
    /// # Errors
    /// [`Refusal::CodeUsed`].
    pub fn can_open_item(&self, item: &Item) -> Result<(), Refusal> {
        unused(!self.items.contains_key(&item.code), &item.code)
    }

    /// Whether a store can be opened under its code.
    ///
    /// # Errors
    /// [`Refusal::CodeUsed`].
    pub fn can_open_store(&self, store: &StoreRoom) -> Result<(), Refusal> {
        unused(!self.stores.contains_key(&store.code), &store.code)
    }

    /// Opens an item.
    pub fn open_item(&mut self, item: &Item) {
        self.items.insert(item.code.clone(), item.clone());
    }

    /// Opens a store.
    pub fn open_store(&mut self, store: &StoreRoom) {
        self.stores.insert(store.code.clone(), store.clone());
    }

    /// Opens a place.
    pub fn open_place(&mut self, place: &Place) {
        let state = PlaceState {
            r#type: place.r#type,
            opened: Some(place.clone()),
            closed: false,
            balance: Money::ZERO,
            counts: Vec::new(),
        };
        self.places.insert(place.code.clone(), state);
    }

    /// Opens a fund.
    pub fn open_fund(&mut self, fund: &Fund) {
        let state = FundState { fund: fund.clone(), closed: false, money: Money::ZERO };
        self.funds.insert(fund.code.clone(), state);
    }

    /// Opens a programme.
    pub fn open_programme(&mut self, programme: &Programme) {
        self.programmes.insert(programme.code.clone(), programme.clone());
    }

    /// The place, to be changed.
    pub fn place_mut(&mut self, code: &Code) -> Option<&mut PlaceState> {
        self.places.get_mut(code)
    }

    /// The fund, to be changed.
    pub fn fund_mut(&mut self, code: &Code) -> Option<&mut FundState> {
        self.funds.get_mut(code)
    }
}

impl FundState {
    /// Whether money leaves the fund only with consent or by its terms.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        matches!(self.fund.r#type, FundType::Restricted | FundType::Sponsorship)
    }

    /// Whether the terms name `fund_transfer` among their kinds: the rule that allows it.
    #[must_use]
    pub fn terms_allow_transfer(&self) -> bool {
        self.fund.terms.kinds.as_ref().is_some_and(|kinds| kinds.contains(&Kind::FundTransfer))
    }

    /// Whether the terms allow a spending of `kind` for `programme` on `date`.
    ///
    /// # Errors
    /// The first term that does not: kind, costs, programme, end.
    pub fn check_terms(
        &self,
        kind: Kind,
        programme: Option<&Code>,
        date: Date,
    ) -> Result<(), Refusal> {
        let terms = &self.fund.terms;
        if terms.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&kind)) {
            return Err(Refusal::TermsKind { kind });
        }
        if kind == Kind::CostPaid && !terms.costs {
            return Err(Refusal::TermsCosts);
        }
        if let (Some(programmes), Some(programme)) = (&terms.programmes, programme)
            && !programmes.contains(programme)
        {
            return Err(Refusal::TermsProgramme);
        }
        match terms.until {
            Some(until) if date > until => Err(Refusal::TermsEnded { until }),
            _ => Ok(()),
        }
    }
}

fn unknown(member: &'static str, code: &Code) -> Refusal {
    Refusal::Unknown { member, code: code.to_string() }
}

fn closed(member: &'static str, code: &Code) -> Refusal {
    Refusal::Closed { member, code: code.to_string() }
}

fn unused(free: bool, code: &Code) -> Result<(), Refusal> {
    if free { Ok(()) } else { Err(Refusal::CodeUsed { code: code.to_string() }) }
}
