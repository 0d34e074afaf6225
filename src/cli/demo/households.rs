//! The families of the register: members, reasons over time, what they agreed to.

use chrono::Months;

use super::people::{Family, full_name};
use super::seeded::Seeded;
use crate::ledger::voucher::Category;
use crate::ledger::word::Date;
use crate::store::desk::register::{
    Agreed, Disability, Household, Member, Record, Referral, Spell,
};

const RELATIONS: [(&str, u64, u64); 6] = [
    ("Vợ", 25, 60),
    ("Chồng", 25, 60),
    ("Mẹ", 60, 90),
    ("Con", 2, 22),
    ("Con", 2, 22),
    ("Cháu", 1, 12),
];

/// The whole record of a family that the desk entered on a day. It follows from the seed and does
/// not depend on the other families.
pub fn record(root: &Seeded, family: &Family, entered: Date) -> Record {
    let mut seeded = root.child("household").child(family.person.as_str());
    let spells = spells(&mut seeded, family.category, entered);
    let members = members(&mut seeded, family, entered);
    let ways = ["Ký giấy tại nhà", "Ký giấy tại trụ sở Hội", "Nói, có trưởng thôn làm chứng"];
    // Of a few the consent is still to be written down.
    let agreed = (seeded.below(20) > 0).then(|| Agreed {
        what: "Lưu hồ sơ tại Hội, dùng để xét trợ giúp".to_owned(),
        on: earlier(entered, seeded.between(0, 5)),
        how: seeded.pick(&ways).copied().unwrap_or_default().to_owned(),
    });
    let scheme = match family.category {
        Category::Disability => Some("Trợ cấp xã hội cho người khuyết tật"),
        Category::LonelyElderly => Some("Trợ cấp xã hội cho người cao tuổi"),
        Category::Orphan => Some("Trợ cấp cho trẻ mồ côi"),
        Category::AgentOrange => Some("Chế độ cho nạn nhân chất độc da cam"),
        _ => None,
    };
    let scheme = scheme.filter(|_| seeded.below(2) == 0);
    let referrals = scheme.map(|scheme| Referral {
        scheme: scheme.to_owned(),
        on: earlier(entered, 4),
        outcome: Some("Được hưởng".to_owned()),
        outcome_on: Some(earlier(entered, 2)),
    });
    let phone = format!("0900 000 {:03}", seeded.below(1000));
    Record {
        phone: (seeded.below(3) > 0).then_some(phone),
        category: spells.first().map(|spell| spell.category),
        household: Household {
            members,
            categories: spells,
            agreed,
            referrals: referrals.into_iter().collect(),
            told_apart: Vec::new(),
        },
        ..family.record.clone()
    }
}

/// The main reason first; some families have a second one, or had one that is over.
fn spells(seeded: &mut Seeded, main: Category, entered: Date) -> Vec<Spell> {
    let from = Some(earlier(entered, seeded.between(2, 40)));
    let mut spells = vec![Spell { category: main, from, to: None }];
    let other = match main {
        Category::Poor => Category::SeriousIllness,
        _ => Category::Poor,
    };
    match seeded.below(6) {
        0 => spells.push(Spell { category: other, from, to: None }),
        1 => {
            let (from, to) = (Some(earlier(entered, 60)), Some(earlier(entered, 41)));
            spells.push(Spell { category: other, from, to });
        }
        _ => {}
    }
    spells
}

/// The head first, then up to four others.
fn members(seeded: &mut Seeded, family: &Family, entered: Date) -> Vec<Member> {
    let born = |seeded: &mut Seeded, least, most| {
        let age = i32::try_from(seeded.between(least, most)).unwrap_or(0);
        u16::try_from(entered.year() - age).ok()
    };
    let (least, most) = match family.category {
        Category::LonelyElderly => (68, 90),
        _ => (30, 65),
    };
    let head = Member {
        full_name: family.record.full_name.clone(),
        birth_year: born(seeded, least, most),
        relation: Some("Chủ hộ".to_owned()),
        disability: (family.category == Category::Disability).then_some(Disability::Severe),
        agent_orange: (family.category == Category::AgentOrange).then_some(2),
    };
    let mut members = vec![head];
    let others = if family.category == Category::LonelyElderly { 0 } else { seeded.between(0, 4) };
    for _ in 0..others {
        let Some((relation, least, most)) = seeded.pick(&RELATIONS).copied() else { continue };
        // One wife or husband, one mother.
        let alone = |relation: &str| match relation {
            "Vợ" | "Chồng" => 1,
            "Mẹ" => 2,
            _ => 0,
        };
        let of = alone(relation);
        let there = |one: &Member| one.relation.as_deref().is_some_and(|own| alone(own) == of);
        if of > 0 && members.iter().any(there) {
            continue;
        }
        members.push(Member {
            full_name: full_name(seeded),
            birth_year: born(seeded, least, most),
            relation: Some(relation.to_owned()),
            ..Member::default()
        });
    }
    members
}

/// The same day of an earlier month.
fn earlier(day: Date, months: u64) -> Date {
    let months = Months::new(u32::try_from(months).unwrap_or(0));
    day.naive().checked_sub_months(months).and_then(Date::new).unwrap_or(day)
}
