//! Words of closed lists (`cash`, `transport`, `restricted` …) as the keys of their texts.
//!
//! The same word means different things in different places (`type` of a donor, of a fund, of a
//! statement), so the kind of the voucher and the object around the member decide.

use crate::ledger::voucher::Kind;

/// The list that a member's word is taken from, as the beginning of its texts' keys.
fn list(kind: Kind, parent: Option<&str>, member: &str) -> Option<&'static str> {
    Some(match (member, parent) {
        ("type", Some("donor" | "payee")) => "donor",
        ("type", Some("place")) => "place-type",
        ("type", Some("fund")) => "fund-type",
        ("type", Some("programme")) => "programme",
        ("type", _) if kind == Kind::Income => "income",
        ("type", _) if kind == Kind::StatementPublished => "word-statement",
        ("method", _) => "method",
        ("class", _) if kind == Kind::PrivacyErased => "word-erasure",
        ("class", _) => "custody",
        ("category", _) => "cost",
        ("purpose", _) => "word-purpose",
        ("result", _) => "word-result",
        ("direction", _) => "word-direction",
        ("as", _) => "word-assigned",
        ("roles", _) => "word-role",
        ("of", Some("figure" | "figures")) => "word-figure",
        ("kinds" | "away", _) => "kind",
        ("reason", _) => match kind {
            Kind::FundTransfer => "move",
            Kind::LoanFeeWaived | Kind::LoanWrittenOff => "word-bad-loan",
            Kind::StockCounted => "word-loss",
            _ => "reason",
        },
        _ => return None,
    })
}

/// The key of a word's text; `None` where the member holds no word of a closed list.
#[must_use]
pub fn key(kind: Kind, parent: Option<&str>, member: &str, word: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    let list = list(kind, parent, member).filter(|_| word.chars().all(plain))?;
    Some(format!("{list}-{}", word.replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::voucher::{
        AssignedAs, AuditResult, BadLoanReason, CostCategory, CustodyClass, Direction, DonorType,
        ErasureClass, FigureOf, FundType, IncomeType, LossReason, Method, MoveReason, OfficerRole,
        PlaceType, ProgrammeType, Purpose, Reason, StatementType,
    };
    use crate::web::Language;
    use crate::web::i18n::{Arguments, Texts};

    #[test]
    fn every_word_of_every_list_has_its_text_in_both_languages() {
        let texts = Texts::embedded();
        let (mut asked, mut missing) = (0, Vec::new());
        let mut ask = |kind, parent, member, words: Vec<&'static str>| {
            for word in words {
                asked += 1;
                let key = key(kind, parent, member, word);
                let said = key.as_ref().is_some_and(|key| {
                    Language::ALL
                        .iter()
                        .all(|own| texts.find(*own, key, &Arguments::new()).is_some())
                });
                if !said {
                    missing.push(format!("{member} {word}: {key:?}"));
                }
            }
        };
        macro_rules! all {
            ($list:ty) => {
                <$list>::ALL.iter().map(|word| word.as_str()).collect()
            };
        }
        ask(Kind::Donation, Some("donor"), "type", all!(DonorType));
        ask(Kind::Donation, None, "method", all!(Method));
        ask(Kind::Income, None, "type", all!(IncomeType));
        ask(Kind::PlaceOpened, Some("place"), "type", all!(PlaceType));
        ask(Kind::FundOpened, Some("fund"), "type", all!(FundType));
        ask(Kind::FundOpened, Some("terms"), "kinds", all!(Kind));
        ask(Kind::ProgrammeOpened, Some("programme"), "type", all!(ProgrammeType));
        ask(Kind::CostPaid, None, "category", all!(CostCategory));
        ask(Kind::CustodyReceived, None, "class", all!(CustodyClass));
        ask(Kind::CustodyAssigned, None, "as", all!(AssignedAs));
        ask(Kind::Reversed, None, "reason", all!(Reason));
        ask(Kind::FundTransfer, None, "reason", all!(MoveReason));
        ask(Kind::LoanWrittenOff, None, "reason", all!(BadLoanReason));
        ask(Kind::StockCounted, Some("differences"), "reason", all!(LossReason));
        ask(Kind::StockCounted, Some("differences"), "direction", all!(Direction));
        ask(Kind::LoanApproved, None, "purpose", all!(Purpose));
        ask(Kind::ActivityReported, Some("figures"), "of", all!(FigureOf));
        ask(Kind::PeriodAudited, None, "result", all!(AuditResult));
        ask(Kind::StatementPublished, None, "type", all!(StatementType));
        ask(Kind::PrivacyErased, None, "class", all!(ErasureClass));
        ask(Kind::OfficerEnrolled, Some("officer"), "roles", all!(OfficerRole));
        assert!(asked > 140, "{asked}");
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn what_is_no_word_of_a_list_has_no_key() {
        assert_eq!(key(Kind::Donation, None, "paper_no", "PT-7"), None);
        assert_eq!(key(Kind::Donation, None, "note", "cash"), None);
        assert_eq!(key(Kind::WitnessNamed, None, "name", "Hội Đồng Nai"), None);
    }
}
