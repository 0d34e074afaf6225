//! In which loans a gift was lent, turn by turn, through everything that can happen to it.

use minhbach::books::effects::{GiftId, UseClass};
use minhbach::books::portfolio::{LoanName, State, in_all, times_lent};
use minhbach::ledger::word::Origin;
use minhbach::money::Money;
use minhbach::store::ChapterId;
use minhbach::store::facade::{LentPart, lent_in_all};
use serde_json::{Value, json};

use crate::house::{TestHouse, digests, on_both, one, reversal, two};

/// A chapter with a fund that lends.
struct Lender<'a> {
    house: &'a TestHouse,
    chapter: ChapterId,
    log: Origin,
}

impl<'a> Lender<'a> {
    async fn new(house: &'a TestHouse) -> Self {
        let chapter = house.chapter("xuan-tay").await;
        let log = house.store.desk(chapter).unwrap().origin;
        let own = Self { house, chapter, log };
        for (code, kind) in [("von", "revolving"), ("khac", "revolving")] {
            let terms = json!({"text": "Cho vay vốn", "costs": true, "kinds": [
                "aid_paid", "cost_paid", "fund_transfer", "loan_approved",
            ]});
            let fund = json!({"code": code, "type": kind, "name": code, "terms": terms});
            own.two("fund_opened", json!({"fund": fund})).await;
        }
        own
    }

    async fn two(&self, kind: &str, members: Value) -> u64 {
        let done = self.house.record(self.chapter, two(&self.log, kind, members)).await;
        done.unwrap_or_else(|fault| panic!("{kind}: {fault}")).seq
    }

    async fn one(&self, kind: &str, members: Value) -> u64 {
        let done = self.house.record(self.chapter, one(&self.log, kind, members)).await;
        done.unwrap_or_else(|fault| panic!("{kind}: {fault}")).seq
    }

    async fn gift(&self, amount: i64) -> GiftId {
        let donor = json!({"type": "person", "_sd": digests(2)});
        let members = json!({
            "amount": amount, "place": "tien-mat", "fund": "von", "donor": donor, "method": "cash",
        });
        let signed = one(&self.log, "donation", members);
        GiftId { seq: self.house.record(self.chapter, signed).await.unwrap().seq, line: 0 }
    }

    /// Approves and pays out a loan; its disbursement.
    async fn lend(&self, principal: i64, fee: i64) -> u64 {
        let members = json!({
            "fund": "von", "principal": principal, "purpose": "livestock", "fee_total": fee,
            "_sd": digests(3),
        });
        let approval = self.two("loan_approved", members).await;
        self.two("loan_disbursed", json!({"of": approval, "place": "tien-mat"})).await
    }

    async fn repay(&self, loan: u64, principal: i64, fee: i64) -> u64 {
        let members = json!({
            "of": loan, "amount": principal + fee, "principal": principal, "fee": fee,
            "place": "tien-mat",
        });
        self.one("loan_repaid", members).await
    }

    async fn undo(&self, of: u64) -> u64 {
        self.house.record(self.chapter, reversal(&self.log, of)).await.unwrap().seq
    }

    fn size(&self) -> u64 {
        self.house.store.head(self.chapter).unwrap().unwrap().size
    }

    async fn lent(&self, gift: GiftId) -> Vec<LentPart> {
        let parts = self.house.store.lent_of_gift(self.chapter, gift, self.size()).await.unwrap();
        // What is told of loans is what the gift's own uses say.
        let state = self.house.store.gift_state(self.chapter, gift, self.size()).await.unwrap();
        let out = Money::sum(parts.iter().map(|part| part.on_loan)).unwrap();
        assert_eq!(out, state.sum(UseClass::OnLoan));
        parts
    }

    /// (lent in all, out, came back, lost) of a gift.
    async fn told(&self, gift: GiftId) -> (i64, i64, i64, i64) {
        let parts = self.lent(gift).await;
        let sum = |of: fn(&LentPart) -> i64| parts.iter().map(of).sum();
        (
            lent_in_all(&parts).minor(),
            sum(|part| part.on_loan.minor()),
            sum(|part| part.repaid.minor() + part.recovered.minor()),
            sum(|part| part.lost.minor()),
        )
    }
}

/// The example of the design: 500.000 lent in March, back by October, 120.000 lent again.
#[tokio::test]
async fn a_gift_lent_twice_is_told_to_the_dong() {
    on_both(|house| async move {
        let own = Lender::new(&house).await;
        let gift = own.gift(500_000).await;
        assert_eq!(own.told(gift).await, (0, 0, 0, 0));
        let (first, second) = (own.lend(300_000, 0).await, own.lend(200_000, 0).await);
        assert_eq!(own.told(gift).await, (500_000, 500_000, 0, 0));
        own.repay(first, 300_000, 0).await;
        own.repay(second, 150_000, 0).await;
        own.repay(second, 50_000, 0).await;
        let third = own.lend(120_000, 0).await;
        assert_eq!(own.told(gift).await, (620_000, 120_000, 500_000, 0));
        let parts = own.lent(gift).await;
        let turns: Vec<_> =
            parts.iter().map(|part| (part.turn, part.loan.seq, part.lent().minor())).collect();
        assert_eq!(turns, [(0, first, 300_000), (0, second, 200_000), (1, third, 120_000)]);
        let amount = Money::new(500_000).unwrap();
        assert_eq!(times_lent(lent_in_all(&parts), amount), Some(12));
        let state = house.store.gift_state(own.chapter, gift, own.size()).await.unwrap();
        assert_eq!(state.unspent.minor(), 380_000);
        // The loan's own view is the same parts.
        let loan = GiftId { seq: second, line: 0 };
        let through = house.store.lent_through(own.chapter, loan, own.size()).await.unwrap();
        assert_eq!(through, parts[1..2]);
    })
    .await;
}

#[tokio::test]
async fn what_was_lost_recovered_spent_moved_and_reversed_stays_exact() {
    on_both(|house| async move {
        let own = Lender::new(&house).await;
        let (gift, other) = (own.gift(500_000).await, own.gift(400_000).await);
        let loan = own.lend(300_000, 20_000).await;
        let paid = own.repay(loan, 100_000, 20_000).await;
        let lost = own.two("loan_written_off", json!({"of": loan, "reason": "illness"})).await;
        assert_eq!(own.told(gift).await, (300_000, 0, 100_000, 200_000));
        let back = json!({"of": loan, "amount": 50_000, "place": "tien-mat"});
        let recovered = own.one("loan_recovered", back).await;
        assert_eq!(own.told(gift).await, (300_000, 0, 150_000, 150_000));
        own.undo(recovered).await;
        own.undo(lost).await;
        assert_eq!(own.told(gift).await, (300_000, 200_000, 100_000, 0));
        // The rest of the gift is spent, and what came back: the repayment is reversed, and the
        // other gift supplies what should be out.
        let aid = json!({
            "place": "tien-mat", "fund": "von", "programme": "tet", "gifts": [gift.seq],
            "lines": [{"_sd": digests(2), "amount": 300_000}],
        });
        own.two("aid_paid", aid).await;
        own.undo(paid).await;
        assert_eq!(own.told(gift).await, (200_000, 200_000, 0, 0));
        assert_eq!(own.told(other).await, (100_000, 100_000, 0, 0));
        // Moved to another fund and lent there: the gift stays the same one.
        let moved = json!({
            "from_fund": "von", "to_fund": "khac", "place": "tien-mat",
            "amount": 300_000, "reason": "terms",
        });
        own.two("fund_transfer", moved).await;
        assert_eq!(own.told(other).await, (100_000, 100_000, 0, 0));
        own.repay(loan, 300_000, 0).await;
        assert_eq!(own.told(gift).await, (200_000, 0, 200_000, 0));
        assert_eq!(own.told(other).await, (100_000, 0, 100_000, 0));
        let loans = house.store.loans(own.chapter, own.size()).await.unwrap();
        assert_eq!(loans.len(), 1);
        assert_eq!(loans[0].state(), State::Running, "the fee is owed again");
        assert_eq!(in_all(&loans.iter().collect::<Vec<_>>()).repaid.minor(), 300_000);
    })
    .await;
}

#[tokio::test]
async fn vouchers_name_their_loan_and_a_reversed_one_is_no_loan() {
    on_both(|house| async move {
        let own = Lender::new(&house).await;
        let opening = json!({"as_of": "2026-10-31", "loans": [
            {
                "fund": "von", "principal": 900_000, "fee_total": 0, "paid": 400_000,
                "fees_paid": 0, "purpose": "crops", "disbursed": "2026-05-01", "_sd": digests(3),
            },
            {
                "fund": "von", "principal": 100_000, "fee_total": 0, "paid": 0,
                "fees_paid": 0, "purpose": "study", "disbursed": "2026-06-01", "_sd": digests(3),
            },
        ]});
        let opening = own.two("opening_balance", opening).await;
        let gift = own.gift(500_000).await;
        let loan = own.lend(200_000, 0).await;
        let paid = own.repay(loan, 50_000, 0).await;
        let part = json!({"of": {"seq": opening, "line": 1}, "amount": 30_000,
            "principal": 30_000, "fee": 0, "place": "tien-mat"});
        let of_opening = own.one("loan_repaid", part).await;
        let approved = own
            .two(
                "loan_approved",
                json!({
                    "fund": "von", "principal": 10_000, "purpose": "other", "fee_total": 0,
                    "_sd": digests(3),
                }),
            )
            .await;
        let reason = json!({"of": approved, "reason": "other"});
        let cancelled = own.two("loan_cancelled", reason).await;
        let seqs = [gift.seq, loan, paid, of_opening, approved, cancelled, opening];
        let said = house.store.loan_mentions(own.chapter, &seqs).await.unwrap();
        let name = |seq: u64| match said[&seq].name {
            Some(LoanName::Number(number)) => number.to_string(),
            Some(LoanName::Opening(place)) => format!("opening {place}"),
            None => "none".to_owned(),
        };
        assert_eq!(name(loan), "KU-2026-0001");
        assert_eq!(name(paid), "KU-2026-0001");
        assert_eq!(name(of_opening), "opening 2");
        assert_eq!(name(approved), "KU-2026-0002");
        assert_eq!(name(cancelled), "KU-2026-0002");
        assert!(!said.contains_key(&gift.seq) && !said.contains_key(&opening));
        assert_eq!(said[&paid].principal.minor(), -50_000);
        let second = GiftId { seq: opening, line: 1 };
        let through = house.store.lent_through(own.chapter, second, own.size()).await.unwrap();
        assert_eq!(through.len(), 1);
        assert_eq!(through[0].on_loan.minor(), 70_000);
        assert_eq!(through[0].repaid.minor(), 30_000);
        assert_eq!(own.told(through[0].gift).await, (100_000, 70_000, 30_000, 0));
        let capital = house.store.capital(own.chapter, &"von".parse().unwrap(), own.size()).await;
        let capital = capital.unwrap();
        assert_eq!(capital.opening.minor(), 600_000);
        assert_eq!(capital.given().minor(), 1_100_000);
        assert_eq!(capital.loans.minor(), 500_000 + 70_000 + 150_000);
        own.undo(paid).await;
        own.undo(loan).await;
        assert_eq!(own.told(gift).await, (0, 0, 0, 0));
        let left = house.store.loans_of(own.chapter, own.size(), &[loan, opening]).await.unwrap();
        assert_eq!(left.len(), 2);
        assert!(left.iter().all(|own| own.approval.is_none()));
    })
    .await;
}
