//! The people of invented histories. None of them exists: names are put together from lists.

use super::Fault;
use super::seeded::Seeded;
use crate::ledger::keys::{SigningKey, officer_key_name};
use crate::ledger::voucher::{Category, DonorType, Officer as Registered, OfficerRole};
use crate::ledger::word::{Origin, Person, Words};
use crate::store::desk::register::Record;

const FAMILY_NAMES: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương"];
const MIDDLE_NAMES: [&str; 10] =
    ["Thị", "Văn", "Minh", "Ngọc", "Thanh", "Hữu", "Thu", "Đức", "Kim", "Quốc"];
const GIVEN_NAMES: [&str; 20] = [
    "An", "Bình", "Chi", "Dung", "Giang", "Hà", "Hạnh", "Hoa", "Hùng", "Khánh", "Lan", "Long",
    "Mai", "Nam", "Phương", "Quân", "Sơn", "Thảo", "Tuấn", "Yến",
];
const HAMLETS: [&str; 6] = ["Đông", "Tây", "Trung", "Thượng", "Hạ", "Bến Đò"];
const ORGANISATIONS: [&str; 6] = [
    "Hợp tác xã Đồng Xanh (ví dụ)",
    "Trường tiểu học Xã Mẫu",
    "Công ty TNHH Hoa Ví Dụ",
    "Chi hội Phụ nữ thôn Đông",
    "Cửa hàng Bách hóa Thử Nghiệm",
    "Nhóm thiện nguyện Lá Lành (ví dụ)",
];
const WORDS: [&str; 24] = [
    "lúa", "sông", "trăng", "tre", "sen", "nắng", "mưa", "đồi", "suối", "chim", "gạo", "bưởi",
    "trà", "quế", "diều", "thuyền", "đèn", "sao", "biển", "rừng", "cầu", "giếng", "đình", "chợ",
];
const CATEGORIES: [Category; 8] = [
    Category::Poor,
    Category::Poor,
    Category::NearPoor,
    Category::NearPoor,
    Category::LonelyElderly,
    Category::Disability,
    Category::Orphan,
    Category::AgentOrange,
];

/// An officer with what signs and what opens it. Keys and passphrases follow from the seed: they
/// are for trying out only.
#[derive(Debug)]
pub struct Officer {
    /// The name typed to sign in.
    pub sign_in_name: &'static str,
    /// The passphrase.
    pub passphrase: String,
    /// The title, which is public.
    pub title: &'static str,
    /// What the officer may do.
    pub role: OfficerRole,
    /// The legal name, which is sealed.
    pub full_name: String,
    /// The person.
    pub person: Person,
    /// What the officer signs with.
    pub key: SigningKey,
}

/// A donor of the register.
#[derive(Clone, Debug)]
pub struct Donor {
    /// The person.
    pub person: Person,
    /// Person or organisation.
    pub r#type: DonorType,
    /// The full name.
    pub full_name: String,
    /// The name that is shown if the donor agrees.
    pub masked_name: String,
    /// Whether the donor agreed to be shown, by the masked name (organisations: by the full one).
    pub consents: bool,
}

/// A family of the register.
#[derive(Clone, Debug)]
pub struct Family {
    /// The person.
    pub person: Person,
    /// Why it is helped.
    pub category: Category,
    /// What the desk knows.
    pub record: Record,
}

/// Everybody.
#[derive(Debug)]
pub struct People {
    /// Treasurer, chair, deputy.
    pub officers: [Officer; 3],
    /// Officers who came late: an auditor and a caseworker, or nobody.
    pub later: Vec<Officer>,
    /// Donors of the register.
    pub donors: Vec<Donor>,
    /// Families.
    pub families: Vec<Family>,
    /// Families who borrow; nobody else helps them.
    pub borrowers: Vec<Family>,
}

impl Officer {
    /// What the ledger says of the officer.
    pub fn registered(&self) -> Result<Registered, Fault> {
        Ok(Registered {
            vkey: self.key.public().clone(),
            person: self.person.clone(),
            roles: Words::new(vec![self.role])
                .ok_or(Fault::Scenario("an officer without a role"))?,
            title: self.title.parse()?,
            private: None,
        })
    }
}

impl Family {
    /// The family as somebody who pays.
    pub fn giver(&self) -> Donor {
        Donor {
            person: self.person.clone(),
            r#type: DonorType::Person,
            full_name: self.record.full_name.clone(),
            masked_name: mask(&self.record.full_name),
            consents: false,
        }
    }
}

impl People {
    /// The people of a seed.
    pub fn new(root: &Seeded, origin: &Origin) -> Result<Self, Fault> {
        let mut people = Self::called(root, origin, ["thuquy", "chutich", "phochutich"])?;
        people.later = vec![
            officer(root, origin, "kiemtra", "Trưởng Ban Kiểm tra", OfficerRole::Auditor)?,
            officer(root, origin, "chinhsach", "Cán bộ chính sách", OfficerRole::Caseworker)?,
        ];
        Ok(people)
    }

    /// The people of a seed, with the names by which treasurer, chair and deputy sign in.
    pub fn called(
        root: &Seeded,
        origin: &Origin,
        [treasurer, chair, deputy]: [&'static str; 3],
    ) -> Result<Self, Fault> {
        let officers = [
            officer(root, origin, treasurer, "Thủ quỹ", OfficerRole::Treasurer)?,
            officer(root, origin, chair, "Chủ tịch Hội", OfficerRole::Chair)?,
            officer(root, origin, deputy, "Phó Chủ tịch Hội", OfficerRole::DeputyChair)?,
        ];
        let mut seeded = root.child("donors");
        let mut donors = Vec::new();
        for name in ORGANISATIONS {
            donors.push(Donor {
                person: seeded.opaque().parse()?,
                r#type: DonorType::Organisation,
                full_name: name.to_owned(),
                masked_name: mask_organisation(name),
                consents: seeded.below(4) > 0,
            });
        }
        for _ in 0..40 {
            let full_name = full_name(&mut seeded);
            donors.push(Donor {
                person: seeded.opaque().parse()?,
                r#type: DonorType::Person,
                masked_name: mask(&full_name),
                full_name,
                consents: seeded.below(3) > 0,
            });
        }
        let helped = families(&mut root.child("families"), 60)?;
        let borrowers = families(&mut root.child("borrowers"), 32)?;
        Ok(Self { officers, later: Vec::new(), donors, families: helped, borrowers })
    }

    /// So many different families of the register.
    pub fn draw(&self, seeded: &mut Seeded, number: usize) -> Vec<&Family> {
        let mut rest: Vec<&Family> = self.families.iter().collect();
        let mut drawn = Vec::with_capacity(number);
        while drawn.len() < number && !rest.is_empty() {
            let index = usize::try_from(seeded.below(rest.len() as u64)).unwrap_or(0);
            drawn.push(rest.swap_remove(index));
        }
        drawn
    }

    /// The treasurer, who records.
    pub fn treasurer(&self) -> &Officer {
        &self.officers[0]
    }

    /// The chair, who approves.
    pub fn chair(&self) -> &Officer {
        &self.officers[1]
    }

    /// The deputy, who approves when the chair is away.
    pub fn deputy(&self) -> &Officer {
        &self.officers[2]
    }
}

fn officer(
    root: &Seeded,
    origin: &Origin,
    sign_in_name: &'static str,
    title: &'static str,
    role: OfficerRole,
) -> Result<Officer, Fault> {
    let mut seeded = root.child("officer").child(sign_in_name);
    let name = officer_key_name(origin.as_str(), &seeded.opaque())?;
    let words: Vec<&str> = (0..4).filter_map(|_| seeded.pick(&WORDS).copied()).collect();
    Ok(Officer {
        sign_in_name,
        passphrase: words.join(" "),
        title,
        role,
        full_name: full_name(&mut seeded),
        person: seeded.opaque().parse()?,
        key: SigningKey::from_seed(&name, seeded.bytes())?,
    })
}

/// So many families.
pub fn families(seeded: &mut Seeded, count: usize) -> Result<Vec<Family>, Fault> {
    (0..count).map(|_| family(seeded)).collect()
}

fn family(seeded: &mut Seeded) -> Result<Family, Fault> {
    let category = seeded.pick(&CATEGORIES).copied().unwrap_or(Category::Poor);
    let hamlet = seeded.pick(&HAMLETS).copied().unwrap_or_default();
    let record = Record {
        full_name: full_name(seeded),
        hamlet: Some(format!("Thôn {hamlet}")),
        category: Some(category),
        ..Record::default()
    };
    Ok(Family { person: seeded.opaque().parse()?, category, record })
}

/// A name from the lists.
pub fn full_name(seeded: &mut Seeded) -> String {
    let mut part = |list| seeded.pick::<&str>(list).copied().unwrap_or_default();
    let parts = [part(&FAMILY_NAMES), part(&MIDDLE_NAMES), part(&GIVEN_NAMES)];
    parts.join(" ")
}

/// The given name in full, the others as their first letters: `N. T. Hoa`.
pub fn mask(full_name: &str) -> String {
    let words: Vec<&str> = full_name.split(' ').collect();
    let Some((given, others)) = words.split_last() else { return String::new() };
    let initials = others.iter().filter_map(|word| word.chars().next());
    let initials: String = initials.map(|letter| format!("{letter}. ")).collect();
    format!("{initials}{given}")
}

/// The first two words.
fn mask_organisation(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').take(2).collect();
    format!("{} …", words.join(" "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::desk::passphrase::Passphrase;

    fn people(seed: u64) -> People {
        People::new(&Seeded::new(seed), &"demo.invalid/xa-mau".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_masked_name_keeps_only_the_given_name() {
        assert_eq!(mask("Nguyễn Thị Hoa"), "N. T. Hoa");
        assert_eq!(mask("Hoa"), "Hoa");
    }

    #[test]
    fn every_seed_gives_passphrases_that_the_desk_accepts() {
        for seed in 0..50 {
            let people = people(seed);
            for officer in people.officers.iter().chain(&people.later) {
                Passphrase::choose(&officer.passphrase, officer.sign_in_name).unwrap();
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_keys_and_another_seed_others() {
        let key = |seed| people(seed).chair().key.public().vkey();
        assert_eq!(key(1), key(1));
        assert_ne!(key(1), key(2));
    }
}
