//! What the demonstration does beside handing out: classes, blood days, a kitchen, collaborators.

use chrono::Datelike as _;

use super::Fault;
use super::scenario::{Act, BLOOD, CASH, GENERAL, Story, number};
use super::vouchers::Draft;
use crate::ledger::voucher::{ActivityReported, CostCategory, Figure, FigureOf, ProgrammeType};
use crate::ledger::word::{Date, List};

/// The programme of first aid classes.
const CLASSES: &str = "so-cap-cuu";
/// The programme of the humanitarian kitchen.
const KITCHEN: &str = "bep-nhan-dao";
/// The programme of the collaborators in the hamlets.
const NETWORK: &str = "cong-tac-vien";

/// Money that stays for those in need: below it no class is paid for.
const KEPT: i64 = 6_000_000;

impl Story<'_> {
    /// The programmes of these activities.
    pub(super) fn open_activities(&mut self, date: Date) -> Result<(), Fault> {
        for (code, name, r#type) in [
            (CLASSES, "Tập huấn sơ cấp cứu", ProgrammeType::Training),
            (KITCHEN, "Bếp ăn nhân đạo", ProgrammeType::Medical),
            (NETWORK, "Mạng lưới cộng tác viên thôn", ProgrammeType::Other),
        ] {
            self.open_programme(date, code, name, r#type)?;
        }
        Ok(())
    }

    /// What a day brings: classes each month, the kitchen each quarter, the network each half year.
    pub(super) fn activities(&mut self, date: Date) -> Result<(), Fault> {
        match (date.naive().month(), date.naive().day()) {
            (4 | 10, 17) => self.cost_of_blood_day(date),
            (_, 24) => self.classes(date),
            (3 | 6 | 9 | 12, 27) => self.kitchen(date),
            (1 | 7, 18) => self.network(date),
            _ => Ok(()),
        }
    }

    /// Reports of an activity, in figures.
    fn report(
        &mut self,
        (from, to): (Date, Date),
        programme: &str,
        figures: &[(FigureOf, u64)],
        note: &str,
    ) -> Result<(), Fault> {
        let figures = figures
            .iter()
            .map(|(of, count)| Ok(Figure { of: *of, number: number(*count)?, private: None }));
        let figures = figures.collect::<Result<Vec<_>, Fault>>()?;
        let body = ActivityReported {
            programme: programme.parse()?,
            from,
            to,
            figures: List::new(figures).ok_or(Fault::Scenario("no figures"))?,
            private: None,
        };
        let mut draft = Draft::new(to, body);
        draft.note = Some(note.parse()?);
        self.act(Act::Write(Box::new(draft)));
        Ok(())
    }

    /// Four or five first aid classes of a month, with what they cost.
    fn classes(&mut self, date: Date) -> Result<(), Fault> {
        let classes = self.deeds.between(4, 5);
        let people = (0..classes).map(|_| self.deeds.between(48, 72)).sum();
        let figures = [(FigureOf::Classes, classes), (FigureOf::People, people)];
        let first = date.month().first_day();
        self.report((first, date), CLASSES, &figures, "Lớp sơ cấp cứu ở trường và thôn")?;
        let amount = i64::try_from(classes).unwrap_or(4) * 150_000;
        self.pay(date, CLASSES, CostCategory::Training, amount, (FigureOf::Classes, classes))
    }

    /// Drinks and bread for the givers of blood.
    fn cost_of_blood_day(&mut self, date: Date) -> Result<(), Fault> {
        let figure = (FigureOf::People, self.deeds.between(40, 90));
        self.pay(date, BLOOD, CostCategory::Other, 850_000, figure)
    }

    /// A cost of a programme, with the figure that it is about.
    fn pay(
        &mut self,
        date: Date,
        programme: &str,
        category: CostCategory,
        amount: i64,
        (of, count): (FigureOf, u64),
    ) -> Result<(), Fault> {
        if self.purse.fund(GENERAL) < KEPT + amount {
            return Ok(());
        }
        self.ensure_cash(date, amount)?;
        let mut body = self.cost(CASH, category, "Cửa hàng Bách hóa Thử Nghiệm", amount)?;
        body.programme = Some(programme.parse()?);
        body.figure = Some(Figure { of, number: number(count)?, private: None });
        self.write(date, body);
        Ok(())
    }

    /// A quarter of the kitchen: how many it can serve, whom it served.
    fn kitchen(&mut self, date: Date) -> Result<(), Fault> {
        let places = if self.is_late(date) { 80 } else { 60 };
        let figures =
            [(FigureOf::Places, places), (FigureOf::People, self.deeds.between(480, 720))];
        let first = date.month().previous().previous().first_day().max(self.begun);
        self.report((first, date), KITCHEN, &figures, "Suất ăn cho bệnh nhân nghèo")
    }

    /// The collaborators of all hamlets.
    fn network(&mut self, date: Date) -> Result<(), Fault> {
        let figures = [(FigureOf::Collaborators, self.deeds.between(16, 24))];
        let first = date.month().first_day();
        self.report((first, date), NETWORK, &figures, "Cộng tác viên của sáu thôn")
    }

    /// Whether the day lies in the second year.
    fn is_late(&self, date: Date) -> bool {
        (12..24).any(|index| self.is_month(date, index))
    }
}
