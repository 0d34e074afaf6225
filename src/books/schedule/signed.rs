//! The private value `schedule` of `loan_approved` and `loan_rescheduled` (`docs/FORMAT.md` section
//! 12): `[{"due":"2026-12-05","fee":0,"principal":500000}]`, amounts in minor units.

use serde_json::{Map, Value, json};

use super::{Instalment, MOST_INSTALMENTS};
use crate::ledger::word::Date;
use crate::money::Money;

/// Why a value is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedFault {
    /// No list.
    #[error("not a list of instalments")]
    NotAList,
    /// None, or more than [`MOST_INSTALMENTS`].
    #[error("{0} instalments; 1 to 600 are allowed")]
    Count(usize),
    /// An instalment that is no object, or has other members than `due`, `principal`, `fee`.
    #[error("instalment {0}: not an object of due, principal and fee alone")]
    Members(usize),
    /// A due date that is no day `YYYY-MM-DD`.
    #[error("instalment {0}: due is no day such as 2026-11-05")]
    Due(usize),
    /// An amount that is no whole number from 0 to 2^53 − 1.
    #[error("instalment {at}: {member} is no whole number from 0 to 2^53 - 1")]
    Amount {
        /// Which one, from 1.
        at: usize,
        /// `principal` or `fee`.
        member: &'static str,
    },
    /// An instalment in which nothing is due.
    #[error("instalment {0}: nothing is due")]
    Nothing(usize),
    /// A due date that is not behind the one before.
    #[error("instalment {0}: due is not behind the one before")]
    Order(usize),
    /// Principal and fees of all leave the range of amounts.
    #[error("principal and fees together are beyond 2^53 - 1")]
    TooLarge,
}

/// The value that is signed. Rows in which nothing is due are left out.
#[must_use]
pub fn to_value(instalments: &[Instalment]) -> Value {
    let told = |own: &Instalment| {
        json!({
            "due": own.due.to_string(),
            "principal": own.principal.minor(),
            "fee": own.fee.minor(),
        })
    };
    let some =
        instalments.iter().filter(|own| own.principal != Money::ZERO || own.fee != Money::ZERO);
    Value::Array(some.map(told).collect())
}

/// Reads the value that was signed, and nothing else.
///
/// # Errors
/// [`SignedFault`] names the first instalment that is wrong, counted from 1.
pub fn from_value(value: &Value) -> Result<Vec<Instalment>, SignedFault> {
    let Value::Array(items) = value else { return Err(SignedFault::NotAList) };
    let most = usize::try_from(MOST_INSTALMENTS).unwrap_or_default();
    if !(1..=most).contains(&items.len()) {
        return Err(SignedFault::Count(items.len()));
    }
    let mut all: Vec<Instalment> = Vec::with_capacity(items.len());
    for (at, item) in (1..).zip(items) {
        let Value::Object(members) = item else { return Err(SignedFault::Members(at)) };
        let own = instalment(at, members)?;
        if all.last().is_some_and(|before| before.due >= own.due) {
            return Err(SignedFault::Order(at));
        }
        all.push(own);
    }
    let amounts = all.iter().flat_map(|own| [own.principal, own.fee]);
    Money::sum(amounts).ok_or(SignedFault::TooLarge)?;
    Ok(all)
}

fn instalment(at: usize, members: &Map<String, Value>) -> Result<Instalment, SignedFault> {
    if members.len() != 3
        || !["due", "principal", "fee"].iter().all(|own| members.contains_key(*own))
    {
        return Err(SignedFault::Members(at));
    }
    let due = members.get("due").and_then(Value::as_str).and_then(|text| text.parse::<Date>().ok());
    let due = due.ok_or(SignedFault::Due(at))?;
    let amount = |member: &'static str| {
        let minor = members.get(member).and_then(Value::as_i64).and_then(Money::new);
        minor.filter(|own| !own.is_negative()).ok_or(SignedFault::Amount { at, member })
    };
    let (principal, fee) = (amount("principal")?, amount("fee")?);
    if principal == Money::ZERO && fee == Money::ZERO {
        return Err(SignedFault::Nothing(at));
    }
    Ok(Instalment { due, principal, fee })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let due = "2026-12-05".parse().unwrap();
        let own = |principal, fee| Instalment {
            due,
            principal: Money::new(principal).unwrap(),
            fee: Money::new(fee).unwrap(),
        };
        let value = to_value(&[own(500_000, 0)]);
        assert_eq!(value.to_string(), r#"[{"due":"2026-12-05","fee":0,"principal":500000}]"#);
        assert_eq!(from_value(&value), Ok(vec![own(500_000, 0)]));
        assert_eq!(to_value(&[own(0, 0)]), json!([]));
    }

    #[test]
    fn junk_is_refused_and_the_instalment_named() {
        let good = json!({"due": "2026-12-05", "principal": 1, "fee": 0});
        let changed = |member: &str, value: Value| {
            let mut own = good.clone();
            own[member] = value;
            from_value(&json!([good, own])).unwrap_err()
        };
        assert_eq!(from_value(&good), Err(SignedFault::NotAList));
        assert_eq!(from_value(&json!([])), Err(SignedFault::Count(0)));
        assert_eq!(from_value(&json!(vec![good.clone(); 601])), Err(SignedFault::Count(601)));
        assert_eq!(from_value(&json!([1])), Err(SignedFault::Members(1)));
        assert_eq!(
            from_value(&json!([{"due": "2026-12-05", "fee": 0}])),
            Err(SignedFault::Members(1))
        );
        assert_eq!(changed("interest", json!(0)), SignedFault::Members(2));
        assert_eq!(changed("due", json!("5/12/2026")), SignedFault::Due(2));
        assert_eq!(changed("due", json!("2026-02-30")), SignedFault::Due(2));
        assert_eq!(changed("due", json!("2026-12-05")), SignedFault::Order(2));
        for wrong in [json!(-1), json!("1"), json!(null), json!(9_007_199_254_740_992_i64)] {
            let fault = SignedFault::Amount { at: 2, member: "principal" };
            assert_eq!(changed("principal", wrong), fault);
        }
        assert_eq!(changed("principal", json!(0)), SignedFault::Nothing(2));
        let most = 9_007_199_254_740_991_i64;
        let large = json!([{"due": "2026-12-05", "principal": most, "fee": 1}]);
        assert_eq!(from_value(&large), Err(SignedFault::TooLarge));
    }
}
