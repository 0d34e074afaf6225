//! Plans of regular sponsorship.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::ledger::entry::SignedVoucher;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::Voucher;
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::drafts::{self, Draft};
use crate::store::desk::register::{self, Families, Record, Role};
use crate::store::desk::sponsorship::{
    self, AidOf, GiftInto, Plan, Plans, Schedule, Sponsor, Sponsorship, Taken, Vouchers,
};
use crate::store::desk::vault::{self, Action, PrivateValue, Reader};
use crate::store::desk::{self, DeskFault, rounds};
use crate::store::{ChapterId, Store};

/// Plans with everybody whom they are about, in clear.
#[derive(Clone, Debug, Default)]
pub struct Sponsorships {
    /// The plans.
    pub plans: Plans,
    /// Donors of the register.
    pub donors: Families,
    /// Families of the register.
    pub families: Families,
    /// Which family each name of a plan means.
    pub named: BTreeMap<Person, Person>,
    /// The vouchers that were matched, as they stand.
    pub vouchers: Vouchers,
}

impl Sponsorships {
    /// A plan by its identifier.
    #[must_use]
    pub fn get(&self, id: &Person) -> Option<&Sponsorship> {
        self.plans.all.iter().find(|own| own.id == *id)
    }

    /// What of vouchers belongs to plans already.
    #[must_use]
    pub fn taken(&self) -> Taken {
        sponsorship::taken(self.plans.all.iter().map(|own| &own.plan), &self.named)
    }

    /// What is due of a plan.
    #[must_use]
    pub fn schedule(&self, plan: &Plan, today: Date) -> Schedule {
        let schedule = sponsorship::schedule(plan, &self.vouchers, &self.named, today);
        Schedule { idle: self.is_idle(plan), ..schedule }
    }

    /// Whether every family that a plan is for is held back or erased.
    #[must_use]
    pub fn is_idle(&self, plan: &Plan) -> bool {
        plan.is_idle(|link| {
            self.named.get(link).is_some_and(|family| self.families.get(family).is_some())
        })
    }

    /// What can be handed to each family of a plan now; of those that are not held back or erased.
    #[must_use]
    pub fn payable(&self, plan: &Plan, today: Date) -> BTreeMap<Person, Money> {
        let mut all = BTreeMap::new();
        for (link, amount) in self.schedule(plan, today).payable(today) {
            let family = self.named.get(&link);
            let Some(family) = family.filter(|family| self.families.get(family).is_some()) else {
                continue;
            };
            let sum = all.entry(family.clone()).or_insert(Money::ZERO);
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
        all
    }
}

/// What is known of a sponsor, and the version of the record that it replaces.
pub type Changed<'a> = (u64, &'a Record);

/// A plan as its sponsor sees it.
#[derive(Clone, Debug)]
pub struct SponsorsView {
    /// The plan.
    pub plan: Plan,
    /// What is due of it.
    pub schedule: Schedule,
}

impl Store {
    /// Opens plans with sponsors and families for an officer. `pick` takes out what is shown and
    /// says of how many persons that is; the log notes this number before anything is shown.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn sponsorships<T>(
        &self,
        chapter: &desk::Chapter,
        Reader { person, .. }: Reader<'_>,
        now: DateTime<Utc>,
        pick: impl FnOnce(Sponsorships) -> (T, usize),
    ) -> Result<T, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let plans = sponsorship::all(reader, &vault, chapter).await?;
        let ids = plans.all.iter().flat_map(|own| own.plan.vouchers());
        let vouchers = sponsorship::standing(reader, chapter, ids).await?;
        let (picked, number) = pick(Sponsorships {
            donors: register::of_role(reader, &vault, chapter, Role::Donor).await?,
            families: register::families(reader, &vault, chapter).await?,
            named: sponsorship::families(reader, &vault, chapter).await?,
            plans,
            vouchers,
        });
        if number > 0 {
            let write = self.begin_desk(chapter).await?;
            let (action, what) = (Action::Opened, "register:sponsorship");
            let noted = vault::note(&write, chapter, person, action, what, number, now).await;
            Self::end_desk(write, noted).await?;
        }
        Ok(picked)
    }

    /// Makes a plan; `false` when a second click finds it there.
    ///
    /// # Errors
    /// As [`sponsorship::make`].
    pub async fn make_sponsorship(
        &self,
        chapter: &desk::Chapter,
        new: (&Person, &Sponsor, &Plan, &[(Person, Person)]),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = sponsorship::make(&write, &vault, chapter, new, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Replaces a plan, if nobody changed it since its version and it takes no more of a voucher
    /// than other plans left; and what is known of its sponsor, likewise since a version.
    ///
    /// # Errors
    /// As [`sponsorship::hold`], [`sponsorship::change`] and [`register::change`].
    pub async fn change_sponsorship(
        &self,
        chapter: &desk::Chapter,
        (own, named, record): (&Sponsorship, &[(Person, Person)], Option<Changed<'_>>),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            let plan = (own, named);
            sponsorship::hold(&write, &vault, chapter, own).await?;
            sponsorship::change(&write, &vault, chapter, plan, officer, now).await?;
            let Some((version, record)) = record else { return Ok(()) };
            let of = (&own.sponsor, version, record);
            register::change(&write, &vault, chapter, of, now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Makes a new code of the sponsor's page, or none any more.
    ///
    /// # Errors
    /// As [`sponsorship::turn_code`].
    pub async fn turn_sponsors_code(
        &self,
        chapter: &desk::Chapter,
        of: (&Person, u64, bool),
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let key = self.keys().receipt();
        let done = sponsorship::turn_code(&write, &vault, chapter, of, key).await;
        Self::end_desk(write, done).await
    }

    /// The code of the page of a plan's sponsor, if there is one.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sponsors_code(
        &self,
        chapter: &desk::Chapter,
        id: &Person,
    ) -> Result<Option<ReceiptCode>, DeskFault> {
        let reader = self.shared.database.reader();
        let own = sponsorship::get(reader, &self.vault(), chapter, id).await?;
        Ok(own.and_then(|own| own.code(self.keys().receipt(), chapter)))
    }

    /// The newest gifts into a fund, and which of them a person gave.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn gifts_into(
        &self,
        chapter: &desk::Chapter,
        fund: &Code,
        giver: &Person,
    ) -> Result<Vec<GiftInto>, DeskFault> {
        sponsorship::gifts_into(self.shared.database.reader(), chapter, fund, giver).await
    }

    /// Aid that a family got out of a fund.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn aid_of(
        &self,
        chapter: &desk::Chapter,
        fund: &Code,
        family: &Person,
    ) -> Result<Vec<AidOf>, DeskFault> {
        sponsorship::aid_of(self.shared.database.reader(), chapter, fund, family).await
    }

    /// Matches a recorded slip to the plans that it was made for.
    ///
    /// # Errors
    /// As [`sponsorship::note_matched`].
    pub async fn match_slip(
        &self,
        chapter: &desk::Chapter,
        slip: (&Voucher, &[PrivateValue], &[Person]),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = sponsorship::note_matched(&write, &vault, chapter, slip, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Lays a voucher, signed by its recorder, for approval, and matches it to the plans that it
    /// was made for: both, or neither.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn lay_for_plans(
        &self,
        chapter: &desk::Chapter,
        (signed, private, plans): (&SignedVoucher, &[PrivateValue], &[Person]),
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let laid = async {
            let draft = drafts::lay(&write, &vault, chapter, signed, private, by, now).await?;
            rounds::note_served(&write, chapter, &draft, private).await?;
            let slip = (&signed.voucher, private, plans);
            sponsorship::note_matched(&write, &vault, chapter, slip, by, now).await?;
            Ok(draft)
        };
        let laid = laid.await;
        Self::end_desk(write, laid).await
    }

    /// The plan whose page a code opens, and its ledger.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sponsors_plan(
        &self,
        code: &ReceiptCode,
    ) -> Result<Option<(ChapterId, Person)>, DeskFault> {
        let found =
            sponsorship::of_code(self.shared.database.reader(), &self.vault(), code).await?;
        Ok(found.map(|(row, id)| (ChapterId(row), id)))
    }

    /// A plan as its sponsor may see it: nobody's name is in it.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sponsors_view(
        &self,
        chapter: ChapterId,
        id: &Person,
        today: Date,
    ) -> Result<Option<SponsorsView>, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let desk = self.desk_or_gone(chapter)?;
        let own = sponsorship::get(reader, &vault, &desk, id).await?;
        let Some(Sponsorship { plan, .. }) = own else { return Ok(None) };
        let vouchers = sponsorship::standing(reader, &desk, plan.vouchers()).await?;
        let named = sponsorship::families(reader, &vault, &desk).await?;
        let supported = sponsorship::supported(reader, &desk).await?;
        let may = |link: &Person| named.get(link).is_some_and(|own| supported.contains(own));
        let idle = plan.is_idle(may);
        let schedule = sponsorship::schedule(&plan, &vouchers, &named, today);
        Ok(Some(SponsorsView { plan, schedule: Schedule { idle, ..schedule } }))
    }
}
