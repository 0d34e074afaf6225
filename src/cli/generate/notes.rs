//! What people write into a transfer and how much they send: as often as in the statements that
//! the relief committees published in September 2024.

use crate::cli::invented::people::full_name;
use crate::cli::invented::seeded::Seeded;
use crate::import::text::fold;
use crate::ledger::giving::GivingCode;

/// Amounts in đồng with how many of 1000 gifts have them.
const AMOUNTS: [(i64, u64); 20] = [
    (200_000, 214),
    (100_000, 196),
    (500_000, 181),
    (1_000_000, 93),
    (50_000, 79),
    (300_000, 76),
    (2_000_000, 21),
    (20_000, 18),
    (10_000, 11),
    (30_000, 10),
    (5_000_000, 10),
    (150_000, 9),
    (400_000, 7),
    (3_000_000, 6),
    (5_000, 4),
    (10_000_000, 3),
    (250_000, 3),
    (600_000, 3),
    (15_000_000, 1),
    (222_222, 1),
];

/// Purposes as they stand in notes.
const PURPOSES: [&str; 10] = [
    "ung ho cac tinh bi bao lu",
    "ung ho dong bao bi bao lut",
    "chuyen tien",
    "Ung ho bao so 3",
    "cuu tro dong bao vung lu",
    "ủng hộ đồng bào vùng lũ",
    "Ủng hộ quỹ nhân đạo Hội Chữ thập đỏ",
    "UNG HO NGUOI NGHEO",
    "giup ba con khac phuc hau qua bao Yagi",
    "mong dong bao som vuot qua kho khan",
];

/// How much somebody sends, in đồng.
pub fn amount(seeded: &mut Seeded) -> i64 {
    let mut rest = seeded.below(1_000);
    for (amount, share) in AMOUNTS {
        match rest.checked_sub(share) {
            Some(less) => rest = less,
            None => return amount,
        }
    }
    // What is left is of no round number of notes: 11.000 to 999.000.
    i64::try_from(seeded.between(11, 999)).unwrap_or(11) * 1_000
}

/// The number that a bank gives a transfer.
pub fn reference(seeded: &mut Seeded) -> String {
    format!("FT{:014}", seeded.below(100_000_000_000_000))
}

/// The text of a transfer of somebody unknown; one of 25 holds the giving code, if there is one.
pub fn text(seeded: &mut Seeded, code: Option<&GivingCode>) -> String {
    let name = full_name(seeded);
    let plain = fold(&name).to_uppercase();
    let mut purpose = seeded.pick(&PURPOSES).copied().unwrap_or_default().to_owned();
    if let Some(code) = code.filter(|_| seeded.below(25) == 0) {
        purpose = format!("{purpose} {}", code.as_str());
    }
    let number = seeded.below(10_000_000_000);
    match seeded.below(10) {
        0 | 1 => format!("{plain} {purpose} {}", reference(seeded)),
        2 => {
            let account = seeded.below(10_000_000_000_000);
            format!(
                "MBVCB.{number:010}.{:06}.{plain} {purpose}.CT tu {account:013} {plain} toi \
                 0000000000 HOI CHU THAP DO XA MAU",
                seeded.below(1_000_000)
            )
        }
        3 => format!("IBFT {purpose}"),
        4 => format!("{name} {purpose}"),
        5 => format!("{number:010}.{:06}.{plain} {purpose}", seeded.below(1_000_000)),
        6 => format!("CT nhanh 247 den: {plain} {purpose} (CT{:04})", seeded.below(10_000)),
        7 => purpose,
        _ => format!("{plain} {purpose}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_above_zero_and_mostly_the_usual_ones() {
        let mut seeded = Seeded::new(1);
        let all: Vec<i64> = (0..2_000).map(|_| amount(&mut seeded)).collect();
        assert!(all.iter().all(|amount| (5_000..=15_000_000).contains(amount)));
        let usual = all.iter().filter(|amount| matches!(amount, 100_000 | 200_000 | 500_000));
        assert!((1_000..1_400).contains(&usual.count()));
    }

    #[test]
    fn some_texts_hold_the_giving_code_and_most_do_not() {
        let code = GivingCode::of_fund(&"bao-lu".parse().unwrap(), 0);
        let mut seeded = Seeded::new(1);
        let held = (0..1_000).filter(|_| text(&mut seeded, Some(&code)).contains(code.as_str()));
        assert!((15..80).contains(&held.count()));
    }
}
