//! A chapter's own settings: words, form headers, limits that the law gives and may change.
//!
//! Nothing here changes what the ledger accepts. What is not set has the default below; members
//! that this program does not know are kept, so that an older program loses nothing of a newer one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sql::{self, values};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::word::{Date, Person};

const TABLE: &str = "desk_settings";
const LONGEST: usize = 200;

/// The printed head of a paper form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperForm {
    /// The number of the form, such as "Mẫu số 01-TT"; empty to print none.
    pub number: String,
    /// Where the form comes from; empty when the chapter has no source for it.
    pub source: String,
}

impl PaperForm {
    /// The names of papers whose number is a setting, in the order of the page.
    pub const PAPERS: [&'static str; 9] = [
        "receipt",
        "payment",
        "goods_in",
        "goods_out",
        "entry",
        "cash_count",
        "cash_book",
        "stock_card",
        "stock_count",
    ];

    /// What is printed unless the chapter says otherwise: the numbers of slips that the circular
    /// for administrative units names, for reference.
    fn default_of(paper: &str) -> Option<Self> {
        let number = match paper {
            "receipt" => "Mẫu số C40-BB",
            "payment" => "Mẫu số C41-BB",
            _ => return None,
        };
        let source = "(Tham khảo Thông tư 24/2024/TT-BTC)";
        Some(Self { number: number.to_owned(), source: source.to_owned() })
    }
}

/// A limit in days or years with the rule that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub number: u32,
    /// The rule, for the person who checks it.
    pub source: String,
}

impl Limit {
    fn new(number: u32, source: &str) -> Self {
        Self { number, source: source.to_owned() }
    }

    /// The last day of a time of so many years that begins when the year of `day` ends.
    #[must_use]
    pub fn years_after(&self, day: Date) -> Option<Date> {
        let year = i64::from(day.year()) + i64::from(self.number);
        format!("{year:04}-12-31").parse().ok()
    }
}

/// What people of a group may be entitled to: a hint for whom to ask, never a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Whom it is about: `disability_mild`, `agent_orange_4`, …
    pub group: String,
    /// What to ask for, in a few words.
    pub text: String,
    /// Where that is said, or whom to ask.
    pub source: String,
}

impl Entitlement {
    /// Every group, in the order of the page.
    pub const GROUPS: [&'static str; 8] = [
        "disability_not_assessed",
        "disability_mild",
        "disability_severe",
        "disability_most_severe",
        "agent_orange_1",
        "agent_orange_2",
        "agent_orange_3",
        "agent_orange_4",
    ];
    /// The most of them.
    pub const MOST: usize = 60;

    fn new(group: &str, text: &str, source: &str) -> Self {
        Self { group: group.to_owned(), text: text.to_owned(), source: source.to_owned() }
    }

    fn defaults() -> Vec<Self> {
        let disabled = "Luật Người khuyết tật 51/2010/QH12; Nghị định 20/2021/NĐ-CP \
             (kiểm tra lại, hỏi Ủy ban nhân dân xã, phường)";
        let orange = "Pháp lệnh 02/2020/UBTVQH14; Nghị định 131/2021/NĐ-CP \
             (kiểm tra lại, hỏi Ủy ban nhân dân xã, phường)";
        let unsure = "Chưa rõ; hỏi Ủy ban nhân dân xã, phường và Hội Nạn nhân chất độc da cam";
        let assess = "Đề nghị xác định mức độ khuyết tật";
        let card = "Thẻ bảo hiểm y tế: hỏi có thuộc diện được cấp không";
        let monthly = "Trợ cấp xã hội hằng tháng: hỏi điều kiện";
        let carer = "Hỗ trợ người chăm sóc: hỏi điều kiện";
        let gift = "Chế độ cho nạn nhân chất độc da cam: hỏi có thuộc diện không";
        let check = "Có thể không thuộc diện trợ cấp của Nhà nước: phải hỏi trước khi trả lời";
        vec![
            Self::new("disability_not_assessed", assess, disabled),
            Self::new("disability_mild", card, disabled),
            Self::new("disability_severe", monthly, disabled),
            Self::new("disability_severe", card, disabled),
            Self::new("disability_most_severe", monthly, disabled),
            Self::new("disability_most_severe", carer, disabled),
            Self::new("disability_most_severe", card, disabled),
            Self::new("agent_orange_1", gift, orange),
            Self::new("agent_orange_2", gift, orange),
            Self::new("agent_orange_3", gift, unsure),
            Self::new("agent_orange_3", check, unsure),
            Self::new("agent_orange_4", check, unsure),
        ]
    }
}

/// The settings of one chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Heads of paper forms by the name of the paper ([`PaperForm::PAPERS`]); of a paper that is
    /// not named here the default is printed.
    pub paper_forms: BTreeMap<String, PaperForm>,
    /// Words that the chapter prefers, by the name of the text; what is missing is the usual word.
    pub labels: BTreeMap<String, String>,
    /// Years for which accounting papers are kept: in that time erasure is restriction.
    pub retention_years: Limit,
    /// Days from which waiting drafts and unmatched bank lines are shown as late.
    pub late_days: u32,
    /// What people with a disability and victims of Agent Orange may ask for.
    pub entitlements: Vec<Entitlement>,
    /// Whether every officer signs in with a code of a second device, too.
    pub second_device: bool,
    /// Members of a newer program.
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        let retention = "Luật Kế toán 88/2015/QH13, điều 41; Nghị định 174/2016/NĐ-CP, \
             điều 13 (kiểm tra lại)";
        Self {
            paper_forms: BTreeMap::new(),
            labels: BTreeMap::new(),
            retention_years: Limit::new(10, retention),
            late_days: 7,
            entitlements: Entitlement::defaults(),
            second_device: false,
            others: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The chapter's word for a text, if it prefers one.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    /// The printed head of a paper; `None` where nothing is printed.
    #[must_use]
    pub fn paper_form(&self, paper: &str) -> Option<PaperForm> {
        let own = self.paper_forms.get(paper).cloned();
        own.or_else(|| PaperForm::default_of(paper)).filter(|own| !own.number.is_empty())
    }

    /// Holds every setting to its range.
    ///
    /// # Errors
    /// [`DeskRefusal::Setting`] names the first that is out of it.
    pub fn check(&self) -> Result<(), DeskRefusal> {
        let refuse = |name: &str, expected: &str| {
            Err(DeskRefusal::Setting(format!("{name}: {expected} expected")))
        };
        if !(1..=100).contains(&self.retention_years.number) {
            return refuse("retention_years", "1 to 100");
        }
        if !(1..=365).contains(&self.late_days) {
            return refuse("late_days", "1 to 365");
        }
        let forms = self.paper_forms.values().flat_map(|form| [&form.number, &form.source]);
        let known = |own: &Entitlement| Entitlement::GROUPS.contains(&own.group.as_str());
        if self.entitlements.len() > Entitlement::MOST || !self.entitlements.iter().all(known) {
            return refuse("entitlements", "at most 60, each of a known group");
        }
        let asked = self.entitlements.iter().flat_map(|own| [&own.text, &own.source]);
        for text in self.labels.values().chain(forms).chain(asked) {
            let one_line = !text.chars().any(char::is_control);
            if text.chars().count() > LONGEST || !one_line {
                return refuse("labels and paper forms", "one line of at most 200 characters");
            }
        }
        Ok(())
    }
}

/// The settings of a chapter; the defaults when none were stored.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Settings, DeskFault> {
    let text = "SELECT settings FROM desk_settings WHERE chapter = $1";
    let Some(row) = sql::one(connection, text, values![chapter.id]).await? else {
        return Ok(Settings::default());
    };
    serde_json::from_str(&sql::column::<String>(&row, "settings")?)
        .map_err(|fault| DeskFault::damaged(TABLE, fault))
}

/// Stores the settings of a chapter.
///
/// # Errors
/// [`DeskRefusal::Setting`].
pub async fn set<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    settings: &Settings,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    settings.check()?;
    let json = serde_json::to_string(settings).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    let text = "INSERT INTO desk_settings (chapter, settings, changed_by, changed_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (chapter) DO UPDATE SET settings = $2, \
         changed_by = $3, changed_at = $4";
    let values = values![chapter.id, json, officer.as_str(), now.timestamp()];
    sql::execute(connection, text, values).await.map(drop)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::desk::house;

    #[tokio::test]
    async fn settings_have_defaults_and_are_kept_per_chapter() {
        for house in house::all().await {
            assert_eq!(get(&house.db, &house.chapter).await.unwrap(), Settings::default());
            let mut changed = Settings::default();
            changed.labels.insert("revolving_fund".to_owned(), "Vốn xoay vòng".to_owned());
            let officer = house.person(1);
            for late_days in [3, 5] {
                changed.late_days = late_days;
                set(&house.db, &house.chapter, &changed, &officer, house.now).await.unwrap();
                assert_eq!(get(&house.db, &house.chapter).await.unwrap(), changed);
            }
            assert_eq!(get(&house.db, &house.other).await.unwrap(), Settings::default());
            assert_eq!(changed.label("revolving_fund"), Some("Vốn xoay vòng"));
            changed.retention_years.number = 0;
            let refused = set(&house.db, &house.chapter, &changed, &officer, house.now).await;
            assert!(matches!(refused, Err(DeskFault::Refused(DeskRefusal::Setting(_)))));
        }
    }

    #[test]
    fn papers_are_kept_from_the_end_of_their_year_on() {
        let kept = Settings::default().retention_years;
        let last = kept.years_after("2026-01-01".parse().unwrap()).unwrap();
        assert_eq!(last.to_string(), "2036-12-31");
    }

    #[test]
    fn forms_have_a_default_number_and_an_emptied_one_prints_nothing() {
        let mut settings = Settings::default();
        let form = settings.paper_form("receipt").unwrap();
        assert_eq!(form.number, "Mẫu số C40-BB");
        assert!(form.source.contains("Tham khảo"));
        assert_eq!(settings.paper_form("stock_card"), None);
        let own = |number: &str| PaperForm { number: number.to_owned(), source: String::new() };
        settings.paper_forms.insert("receipt".to_owned(), own(""));
        settings.paper_forms.insert("stock_card".to_owned(), own("Mẫu số 7"));
        assert_eq!(settings.paper_form("receipt"), None);
        assert_eq!(settings.paper_form("stock_card").unwrap().number, "Mẫu số 7");
    }

    #[test]
    fn members_of_a_newer_program_are_kept() {
        let read: Settings = serde_json::from_str(r#"{"late_days":9,"new":{"a":1}}"#).unwrap();
        assert_eq!(read.late_days, 9);
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written["new"]["a"], 1);
    }
}
