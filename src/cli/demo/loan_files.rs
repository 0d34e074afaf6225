//! The desk's files of the demonstration's loans, out of the vouchers that approve, carry over and
//! reschedule them and of what is sealed of each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Fault;
use super::calendar::days_earlier;
use super::seeded::Seeded;
use crate::books::effects::{DocumentNumber, Series};
use crate::ledger::disclosure::{Digests, PrivateName};
use crate::ledger::voucher::{Body, OpeningLoan, Purpose, Voucher, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::lending::{Agreed, Assessment, Filed, Guarantor, LoanFile};
use crate::store::desk::vault::{PrivateValue, Subject};
use crate::store::{ChapterId, Store};

/// Files that are kept, and those that wait for their vouchers to be recorded.
pub struct LoanFiles {
    ids: Seeded,
    /// Loans approved in each year.
    approved: BTreeMap<i32, u64>,
    filed: BTreeMap<String, Filed>,
    waiting: Vec<(Voucher, Vec<PrivateValue>)>,
}

/// What is sealed of one loan.
struct Sealed {
    borrower: Person,
    guarantor: Option<String>,
    schedule: serde_json::Value,
    words: Option<String>,
    loan: Option<String>,
}

impl LoanFiles {
    /// No file yet.
    pub fn new(root: &Seeded) -> Self {
        let ids = root.child("loan-files");
        Self { ids, approved: BTreeMap::new(), filed: BTreeMap::new(), waiting: Vec::new() }
    }

    /// Keeps a voucher that a file is made of.
    pub fn note(&mut self, voucher: &Voucher, private: &[PrivateValue]) {
        let about = match &voucher.body {
            Body::LoanApproved(_) | Body::LoanRescheduled(_) => true,
            Body::OpeningBalance(body) => body.loans.is_some(),
            _ => false,
        };
        if about {
            self.waiting.push((voucher.clone(), private.to_vec()));
        }
    }

    /// Makes and changes files for what was noted.
    pub async fn keep(
        &mut self,
        store: &Store,
        chapter: ChapterId,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let desk = store.desk(chapter)?;
        for (voucher, private) in std::mem::take(&mut self.waiting) {
            for own in self.files(&voucher, &private, officer)? {
                let new = (&own.id, &own.borrower, &own.file);
                store.file_loan(&desk, new, officer, now).await?;
            }
            if let Some(own) = self.again(&voucher, &private)? {
                store.change_loan(&desk, own, now).await?;
                own.version += 1;
            }
        }
        Ok(())
    }

    /// New files.
    fn files(
        &mut self,
        voucher: &Voucher,
        private: &[PrivateValue],
        officer: &Person,
    ) -> Result<Vec<Filed>, Fault> {
        let date = voucher.date;
        match &voucher.body {
            Body::LoanApproved(body) => {
                let number = self.approved.entry(date.year()).or_default();
                *number += 1;
                let own = DocumentNumber { series: Series::KU, year: date.year(), number: *number };
                let terms = (body.purpose, body.principal.money(), body.group.clone());
                let of = (body.private.as_ref(), private);
                let mut filed = self.file(of, (&voucher.id, date), terms)?;
                filed.file.approvals.push(voucher.id.clone());
                filed.file.assessment = Some(Assessment {
                    by: officer.clone(),
                    on: days_earlier(date, 2),
                    income: None,
                    can_pay: None,
                    words: "Có sức lao động, có chỗ làm ăn; bà con trong xóm tin tưởng.".to_owned(),
                    advises: true,
                });
                self.filed.insert(own.to_string(), filed.clone());
                Ok(vec![filed])
            }
            Body::OpeningBalance(body) => {
                let mut all = Vec::new();
                for (line, loan) in (0..).zip(body.loans.iter().flat_map(|loans| loans.iter())) {
                    all.push(self.opening(loan, private, (&voucher.id, line, date))?);
                }
                Ok(all)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn opening(
        &mut self,
        loan: &OpeningLoan,
        private: &[PrivateValue],
        (voucher, line, date): (&VoucherId, u32, Date),
    ) -> Result<Filed, Fault> {
        let terms = (loan.purpose, loan.principal.money(), loan.group.clone());
        let mut filed = self.file((loan.private.as_ref(), private), (voucher, date), terms)?;
        filed.file.asked_on = loan.disbursed;
        filed.file.opening = Some((voucher.clone(), line));
        Ok(filed)
    }

    fn file(
        &mut self,
        (digests, private): (Option<&Digests>, &[PrivateValue]),
        (voucher, date): (&VoucherId, Date),
        (purpose, wanted, group): (Purpose, Money, Option<Code>),
    ) -> Result<Filed, Fault> {
        let sealed = sealed(digests, private)?;
        let guarantor = sealed.guarantor.map(|full_name| Guarantor {
            full_name,
            phone: None,
            leads_group: false,
        });
        let file = LoanFile {
            asked_on: days_earlier(date, 5),
            purpose,
            wanted,
            words: sealed.words.unwrap_or_else(|| "Việc gia đình".to_owned()),
            guarantor,
            group,
            assessment: None,
            ended: None,
            approvals: Vec::new(),
            opening: None,
            agreed: vec![Agreed {
                on: date,
                voucher: voucher.clone(),
                schedule: sealed.schedule,
                words: None,
            }],
        };
        let id = self.ids.opaque().parse()?;
        Ok(Filed { id, borrower: sealed.borrower, file, version: 0 })
    }

    /// The file of a loan that was rescheduled, with what was agreed.
    fn again(
        &mut self,
        voucher: &Voucher,
        private: &[PrivateValue],
    ) -> Result<Option<&mut Filed>, Fault> {
        let Body::LoanRescheduled(body) = &voucher.body else { return Ok(None) };
        let sealed = sealed(body.private.as_ref(), private)?;
        let number = sealed.loan.ok_or(Fault::Scenario("a reschedule of no loan"))?;
        let Some(own) = self.filed.get_mut(&number) else { return Ok(None) };
        let (on, voucher) = (voucher.date, voucher.id.clone());
        let (schedule, words) = (sealed.schedule, sealed.words);
        own.file.agreed.push(Agreed { on, voucher, schedule, words });
        Ok(Some(own))
    }
}

/// The values behind some digests.
fn sealed(digests: Option<&Digests>, private: &[PrivateValue]) -> Result<Sealed, Fault> {
    let own = |value: &&PrivateValue| {
        digests.is_some_and(|all| all.as_slice().contains(&value.disclosure.digest()))
    };
    let find = |name: PrivateName| {
        private.iter().filter(own).find(|value| value.disclosure.name() == name)
    };
    let text = |name| find(name).and_then(|own| own.disclosure.value().as_str()).map(str::to_owned);
    let schedule =
        find(PrivateName::Schedule).ok_or(Fault::Scenario("a loan without a schedule"))?;
    let borrower = match &schedule.subject {
        Subject::Person(person) => person.clone(),
        _ => return Err(Fault::Scenario("a loan of nobody")),
    };
    Ok(Sealed {
        borrower,
        guarantor: text(PrivateName::Guarantor),
        schedule: schedule.disclosure.value().clone(),
        words: text(PrivateName::Words),
        loan: text(PrivateName::Loan),
    })
}
