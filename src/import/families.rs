//! A table of families: which column means what, and what each row says.
//!
//! Columns are recognised by their titles, marks and case aside, or chosen by hand. A row that
//! can't be read is a fault with its row and column; what several people do wrong alike (a birthday
//! where a year is asked, `Hộ nghèo; Khuyết tật` in one cell) is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::likeness::Likeness;
use super::table::{Row, Table};
use super::text::{essence, fold};
use crate::ledger::voucher::Category;

/// The longest text of a cell.
const LONGEST: usize = 200;
/// The longest notes.
const LONGEST_NOTES: usize = 2_000;
/// The most members of a row.
const MOST_MEMBERS: usize = 30;
/// Rows in which the titles are looked for.
const HEADING: usize = 15;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The head of the family; the one that is needed.
    Name,
    /// The head's year of birth.
    Birth,
    /// Why the family is helped.
    Category,
    /// The hamlet.
    Hamlet,
    /// The address.
    Address,
    /// The telephone.
    Phone,
    /// The identity number of the head.
    Identity,
    /// The other members.
    Members,
    /// Notes.
    Notes,
}

impl Column {
    /// All of them, in the order of the template.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Birth,
        Self::Category,
        Self::Hamlet,
        Self::Address,
        Self::Phone,
        Self::Identity,
        Self::Members,
        Self::Notes,
    ];

    /// The word in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Category => "category",
            Self::Hamlet => "hamlet",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Identity => "identity",
            Self::Members => "members",
            Self::Notes => "notes",
        }
    }

    /// Beginnings of titles, folded.
    const fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["chu ho", "ho va ten", "ho ten", "ten chu ho", "head"],
            Self::Birth => &["nam sinh", "ngay sinh", "sinh nam", "year of birth", "birth"],
            Self::Category => &["doi tuong", "thuoc dien", "dien ho", "hoan canh", "category"],
            Self::Hamlet => &["dia ban", "thon", "ap", "khu pho", "to dan pho", "hamlet"],
            Self::Address => &["dia chi", "noi o", "address"],
            Self::Phone => &["dien thoai", "so dien thoai", "sdt", "telephone", "phone"],
            Self::Identity => {
                &["so giay to", "cccd", "so cccd", "can cuoc", "cmnd", "so cmnd", "identity"]
            }
            Self::Members => &["nhan khau", "thanh vien", "members"],
            Self::Notes => &["ghi chu", "notes"],
        }
    }
}

/// Which column means what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The row of the titles; what stands above it is not read.
    pub header_row: u32,
    /// Columns from 0.
    pub columns: BTreeMap<Column, u16>,
}

impl Columns {
    /// The columns as their titles say it, where the head of the family is among them.
    #[must_use]
    pub fn detect(table: &Table) -> Option<Self> {
        table.rows().take(HEADING).find_map(|row| {
            let titles: Vec<String> = row.cells().map(|cell| fold(cell.trim())).collect();
            let mut taken = BTreeSet::new();
            let mut columns = BTreeMap::new();
            for column in Column::ALL {
                let fits = |title: &String| {
                    column.titles().iter().any(|own| {
                        let rest = title.strip_prefix(own);
                        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                    })
                };
                let at = (0..titles.len()).find(|at| fits(&titles[*at]) && !taken.contains(at));
                if let Some(at) = at {
                    taken.insert(at);
                    columns.insert(column, u16::try_from(at).ok()?);
                }
            }
            let known = columns.contains_key(&Column::Name) && columns.len() > 1;
            known.then_some(Self { header_row: row.number(), columns })
        })
    }

    fn cell<'t>(&self, row: &Row<'t>, column: Column) -> &'t str {
        let at = self.columns.get(&column);
        at.and_then(|at| row.cell(usize::from(*at))).unwrap_or_default().trim()
    }
}

/// A family as its row says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyRow {
    /// The row, as a spreadsheet counts.
    pub row: u32,
    /// The head.
    pub name: String,
    /// The head's year of birth.
    pub birth_year: Option<u16>,
    /// Why it is helped.
    pub categories: Vec<Category>,
    /// The hamlet.
    pub hamlet: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The identity number.
    pub identity: Option<String>,
    /// The other members.
    pub members: Vec<String>,
    /// Notes.
    pub notes: Option<String>,
}

impl FamilyRow {
    /// What it is compared by.
    #[must_use]
    pub fn likeness(&self) -> Likeness {
        let head = [(self.name.as_str(), self.birth_year)];
        Likeness::new(&self.name, self.hamlet.as_deref(), self.identity.as_deref(), head)
    }
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing stands there.
    Missing,
    /// More characters than fit.
    TooLong,
    /// No year between 1880 and this one.
    Year,
    /// No category.
    Category,
    /// More members than a row holds.
    TooMany,
}

impl Wrong {
    /// The last part of the key of its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too-long",
            Self::Year => "year",
            Self::Category => "category",
            Self::TooMany => "too-many",
        }
    }
}

/// A row that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyFault {
    /// The row.
    pub row: u32,
    /// The column.
    pub column: Column,
    /// Why.
    pub wrong: Wrong,
}

/// Reads every row below the titles: the families, and the rows that can't be read.
#[must_use]
pub fn read_families(
    table: &Table,
    columns: &Columns,
    this_year: u16,
) -> (Vec<FamilyRow>, Vec<FamilyFault>) {
    let (mut families, mut faults) = (Vec::new(), Vec::new());
    for row in table.rows().filter(|row| row.number() > columns.header_row) {
        match read_row(&row, columns, this_year) {
            Ok(family) => families.push(family),
            Err((column, wrong)) => {
                faults.push(FamilyFault { row: row.number(), column, wrong });
            }
        }
    }
    (families, faults)
}

fn read_row(
    row: &Row<'_>,
    columns: &Columns,
    this_year: u16,
) -> Result<FamilyRow, (Column, Wrong)> {
    let text = |column: Column| {
        let cell = columns.cell(row, column);
        let most = if column == Column::Notes { LONGEST_NOTES } else { LONGEST };
        match cell.chars().count() {
            0 => Ok(None),
            length if length <= most => Ok(Some(cell.to_owned())),
            _ => Err((column, Wrong::TooLong)),
        }
    };
    let name = text(Column::Name)?.ok_or((Column::Name, Wrong::Missing))?;
    let birth_year = match columns.cell(row, Column::Birth) {
        "" => None,
        typed => Some(year(typed, this_year).ok_or((Column::Birth, Wrong::Year))?),
    };
    let parts = |column: Column| {
        let cell = columns.cell(row, column);
        cell.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty())
    };
    let mut categories = Vec::new();
    for part in parts(Column::Category) {
        let category = category(part).ok_or((Column::Category, Wrong::Category))?;
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    let members: Vec<String> = parts(Column::Members).map(str::to_owned).collect();
    if members.len() > MOST_MEMBERS {
        return Err((Column::Members, Wrong::TooMany));
    }
    if members.iter().any(|member| member.chars().count() > LONGEST) {
        return Err((Column::Members, Wrong::TooLong));
    }
    Ok(FamilyRow {
        row: row.number(),
        name,
        birth_year,
        categories,
        hamlet: text(Column::Hamlet)?,
        address: text(Column::Address)?,
        phone: text(Column::Phone)?.map(unquoted),
        identity: text(Column::Identity)?.map(unquoted),
        members,
        notes: text(Column::Notes)?,
    })
}

/// A number that a spreadsheet was told to keep as a text begins with an apostrophe.
fn unquoted(text: String) -> String {
    text.strip_prefix('\'').map(str::to_owned).unwrap_or(text)
}

/// A year, or the year of a day.
fn year(typed: &str, this_year: u16) -> Option<u16> {
    let typed = typed.strip_suffix(".0").unwrap_or(typed);
    let digits = |part: &&str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = typed.split(['/', '-', '.', ' ']).filter(digits);
    let (first, second) = (parts.next()?, parts.next());
    let year = first.parse().ok()?;
    (second.is_none() && (1880..=this_year).contains(&year)).then_some(year)
}

/// A category, in the words of both languages or as it stands in vouchers.
fn category(typed: &str) -> Option<Category> {
    const WORDS: [(&str, Category); 23] = [
        ("hongheo", Category::Poor),
        ("ngheo", Category::Poor),
        ("poor", Category::Poor),
        ("hocanngheo", Category::NearPoor),
        ("canngheo", Category::NearPoor),
        ("nearpoor", Category::NearPoor),
        ("homoithoatngheo", Category::RecentlyOutOfPoverty),
        ("moithoatngheo", Category::RecentlyOutOfPoverty),
        ("recentlyoutofpoverty", Category::RecentlyOutOfPoverty),
        ("nguoikhuyettat", Category::Disability),
        ("khuyettat", Category::Disability),
        ("disability", Category::Disability),
        ("nannhanchatdocdacam", Category::AgentOrange),
        ("chatdocdacam", Category::AgentOrange),
        ("agentorange", Category::AgentOrange),
        ("nguoigianeodon", Category::LonelyElderly),
        ("gianeodon", Category::LonelyElderly),
        ("lonelyelderly", Category::LonelyElderly),
        ("tremocoi", Category::Orphan),
        ("mocoi", Category::Orphan),
        ("benhhiemngheo", Category::SeriousIllness),
        ("bithientai", Category::Disaster),
        ("khac", Category::Other),
    ];
    let wanted = essence(typed);
    let own = Category::ALL.iter().find(|own| essence(own.as_str()) == wanted);
    let word = WORDS.iter().find(|(word, _)| *word == wanted).map(|(_, category)| *category);
    own.copied().or(word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::import::read_table;

    const FILE: &str = "Danh sách hộ,,,\n\
        STT,HỌ VÀ TÊN chủ hộ,Năm sinh,Đối tượng,Ấp,Số CCCD,Nhân khẩu\n\
        1,Nguyễn Thị Đào,05/11/1958,Hộ nghèo; khuyết tật,Ấp 2,'079058123456,Trần An; Trần Bình\n\
        2,Lê Văn Bảy,1960,,Ấp 3,,\n\
        3,,1960,,,,\n\
        4,Võ Tám,58,,,,\n\
        5,Võ Chín,,giàu,,,\n";

    #[test]
    fn columns_are_recognised_and_rows_read_or_named_with_their_column() {
        let table = read_table(FILE.as_bytes()).unwrap();
        let columns = Columns::detect(&table).unwrap();
        assert_eq!(columns.header_row, 2);
        assert_eq!(columns.columns.len(), 6);
        assert!(!columns.columns.contains_key(&Column::Address));
        let (families, faults) = read_families(&table, &columns, 2026);
        assert_eq!(families.len(), 2);
        let first = &families[0];
        assert_eq!((first.row, first.birth_year), (3, Some(1958)));
        assert_eq!(first.categories, [Category::Poor, Category::Disability]);
        assert_eq!(first.identity.as_deref(), Some("079058123456"));
        assert_eq!(first.members, ["Trần An", "Trần Bình"]);
        let wrong: Vec<_> =
            faults.iter().map(|fault| (fault.row, fault.column, fault.wrong)).collect();
        assert_eq!(
            wrong,
            [
                (5, Column::Name, Wrong::Missing),
                (6, Column::Birth, Wrong::Year),
                (7, Column::Category, Wrong::Category),
            ]
        );
    }

    #[test]
    fn without_a_title_for_the_head_nothing_is_recognised() {
        let table = read_table(b"a,b\nNguyen,1958\n").unwrap();
        assert_eq!(Columns::detect(&table), None);
    }

    #[test]
    fn every_category_is_read_as_vouchers_write_it() {
        for own in Category::ALL {
            assert_eq!(category(own.as_str()), Some(*own));
        }
        assert_eq!(category("HỘ CẬN NGHÈO"), Some(Category::NearPoor));
        assert_eq!(year("1958.0", 2026), Some(1958));
        assert_eq!(year("2027", 2026), None);
        assert_eq!(year("1958/1960", 2026), None);
    }
}
