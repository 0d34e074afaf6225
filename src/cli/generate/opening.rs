//! The first entries of a generated history: chapter, bank, funds, programmes, store, and what
//! there was before.

use super::history::SLUG;
use super::story::{LOANS, REGULAR, RELIEF, Story};
use crate::cli::invented::people::Officer;
use crate::cli::invented::vouchers::dong;
use crate::cli::invented::{BANK, Fault, GENERAL, number};
use crate::ledger::keys::PublicKey;
use crate::ledger::voucher::{
    Chapter, ChapterOpened, CurrencyCode, CurrencyMember, Fund, FundOpened, FundType, Item,
    ItemOpened, Kind, OpeningBalance, OpeningMoney, Place, PlaceOpened, PlaceType, Policy,
    Programme, ProgrammeOpened, ProgrammeType, RULES, StoreOpened, StoreRoom, Terms,
};
use crate::ledger::word::{Date, List, UtcOffset, Words};

/// The store.
pub const STORE: &str = "kho";
/// Rice in kilograms.
pub const RICE: &str = "gao";
/// What the funds have when the books begin, in đồng.
const BEFORE: [(&str, i64); 2] = [(GENERAL, 50_000_000), (LOANS, 40_000_000)];

impl Story<'_> {
    /// Opens the books on their first day.
    pub fn open(&mut self, log_key: &PublicKey) -> Result<(), Fault> {
        let date = self.calendar.from;
        let opened = self.chapter(date, log_key)?;
        self.write(date, opened);
        let place = Place {
            code: BANK.parse()?,
            r#type: PlaceType::Bank,
            name: "Tài khoản ngân hàng (sinh ra để đo)".parse()?,
            bank_bin: Some("970436".parse()?),
            account: Some("0000 000 000".parse()?),
            private: None,
        };
        self.write(date, PlaceOpened { place, private: None });
        for (code, name, r#type) in [
            (REGULAR, "Trợ giúp thường xuyên", ProgrammeType::Regular),
            (RELIEF, "Cứu trợ bão lũ", ProgrammeType::Disaster),
        ] {
            let (code, name) = (code.parse()?, name.parse()?);
            let programme = Programme { code, name, r#type, private: None };
            self.write(date, ProgrammeOpened { programme, private: None });
        }
        for (code, name, r#type) in [
            (GENERAL, "Quỹ nhân đạo chung", FundType::General),
            (RELIEF, "Quỹ cứu trợ bão lũ", FundType::Restricted),
            (LOANS, "Vốn quay vòng", FundType::Revolving),
        ] {
            self.open_fund(date, (code, name, r#type))?;
        }
        let store =
            StoreRoom { code: STORE.parse()?, name: "Kho trụ sở".parse()?, private: None };
        self.write(date, StoreOpened { store, private: None });
        let (name, unit) = ("Gạo tẻ".parse()?, "kg".parse()?);
        let item = Item { code: RICE.parse()?, name, unit, whole: false, private: None };
        self.write(date, ItemOpened { item, private: None });
        self.opening_balance(date)
    }

    fn chapter(&self, date: Date, log_key: &PublicKey) -> Result<ChapterOpened, Fault> {
        let officers = self.people.officers.iter().map(Officer::registered);
        let officers = officers.collect::<Result<Vec<_>, _>>()?;
        Ok(ChapterOpened {
            chapter: Chapter {
                name: "Hội Chữ thập đỏ Xã Mẫu (sinh ra để đo)".parse()?,
                slug: SLUG.parse()?,
                address: Some("Thôn Trung, Xã Mẫu".parse()?),
                province: Some("Tỉnh Ví Dụ".parse()?),
                upper: None,
                private: None,
            },
            currency: CurrencyMember { code: CurrencyCode::Vnd, scale: number(0)?, private: None },
            utc_offset: UtcOffset::try_from("+07:00".to_owned())?,
            books_from: date,
            log_key: log_key.clone(),
            officers: List::new(officers).ok_or(Fault::Scenario("no officers"))?,
            guardian: None,
            policy: Policy { two_above: Some(dong(20_000_000)?), away: None, private: None },
            continues: None,
            rules: number(RULES)?,
            private: None,
        })
    }

    fn open_fund(
        &mut self,
        date: Date,
        (code, name, r#type): (&str, &str, FundType),
    ) -> Result<(), Fault> {
        let text = match r#type {
            FundType::Restricted => "Chỉ giúp các hộ bị thiệt hại do bão lũ.",
            FundType::Revolving => "Cho hộ khó khăn vay không lãi, trả dần.",
            _ => "Dùng cho mọi hoạt động nhân đạo của Hội.",
        };
        let programmes = match r#type {
            FundType::Restricted => Words::new(vec![RELIEF.parse()?]),
            _ => None,
        };
        let kinds = match r#type {
            FundType::Revolving => Words::new(vec![Kind::LoanApproved]),
            _ => None,
        };
        let fund = Fund {
            code: code.parse()?,
            r#type,
            name: name.parse()?,
            terms: Terms {
                text: text.parse()?,
                kinds,
                costs: r#type == FundType::General,
                programmes,
                until: None,
                private: None,
            },
            target: None,
            from: None,
            to: None,
            private: None,
        };
        self.write(date, FundOpened { fund, private: None });
        Ok(())
    }

    fn opening_balance(&mut self, date: Date) -> Result<(), Fault> {
        let mut money = Vec::new();
        for (fund, amount) in BEFORE {
            self.purse.add(BANK, fund, amount);
            self.lots.entry(fund).or_default().push_back(amount);
            money.push(OpeningMoney {
                place: BANK.parse()?,
                fund: fund.parse()?,
                amount: dong(amount)?,
                private: None,
            });
        }
        let opening = OpeningBalance {
            as_of: date.previous(),
            money: List::new(money),
            goods: None,
            loans: None,
            custody: None,
            private: None,
        };
        self.write(date, opening);
        Ok(())
    }
}
