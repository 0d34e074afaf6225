//! VietQR: the text of a QR code from which every Vietnamese banking app fills in a transfer.
//!
//! EMVCo's merchant-presented form (QR Code Specification for Payment Systems, version 1.1): data
//! objects of an id of two digits, a length of two digits and a value, in the order of [`parse`],
//! with a CRC at the end. Under id 38 NAPAS has its own (Format Specification for VietQR, version
//! 1.0): the scheme `A000000727`, bank and account, and which service is asked for.
//!
//! [`parse`]: VietQr::parse

use crc::{CRC_16_IBM_3740, Crc};

use crate::ledger::voucher::Place;
use crate::money::Money;

/// The scheme's identifier.
const GUID: &str = "A000000727";
/// ISO 4217 of the đồng, and the country.
const CURRENCY: &str = "704";
const COUNTRY: &str = "VN";
/// Most digits of an amount, and most characters of an account and of a note.
const AMOUNT: usize = 13;
const ACCOUNT: usize = 19;
const NOTE: usize = 25;

/// CRC-16/CCITT-FALSE, which the catalogue of CRCs calls IBM-3740.
const CHECK: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// Why there is no such code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VietQrFault {
    /// The bank's number is not six digits.
    #[error("the BIN of a bank has six digits")]
    Bank,
    /// The account's number.
    #[error("the number of an account has 1 to {ACCOUNT} letters and digits")]
    Account,
    /// The amount.
    #[error("an amount above zero of at most {AMOUNT} digits is expected")]
    Amount,
    /// A note or a number of a bill.
    #[error("a note has 1 to {NOTE} characters of ASCII")]
    Note,
    /// A text that is cut off, or whose lengths are wrong.
    #[error("byte {0}: the text ends inside a data object")]
    Cut(usize),
    /// A data object that is missing, at another place, or none of this form.
    #[error("data object {0}: not expected here")]
    Object(String),
    /// A value that is none of this form's.
    #[error("data object {0}: another value was expected")]
    Value(&'static str),
    /// The check at the end does not fit.
    #[error("the check at the end is not that of the text")]
    Check,
}

/// Which transfer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// To an account.
    Account,
    /// To a card.
    Card,
}

impl Service {
    const fn word(self) -> &'static str {
        match self {
            Self::Account => "QRIBFTTA",
            Self::Card => "QRIBFTTC",
        }
    }
}

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VietQr {
    /// Whether it is made for one payment; else it is used again and again.
    pub once: bool,
    /// The bank: six digits.
    bank: String,
    /// The account or card.
    account: String,
    /// To what the number belongs.
    pub service: Service,
    /// How much; the payer types it where there is none.
    pub amount: Option<Money>,
    /// The number of a bill.
    bill: Option<String>,
    /// What goes into the note of the transfer.
    note: Option<String>,
}

impl VietQr {
    /// A code for transfers to an account that is used again and again. Spaces, dots and hyphens in
    /// the number are for people and left out.
    ///
    /// # Errors
    /// [`VietQrFault::Bank`], [`VietQrFault::Account`].
    pub fn to_account(bank: &str, account: &str) -> Result<Self, VietQrFault> {
        let account: String =
            account.chars().filter(|own| !matches!(own, ' ' | '.' | '-' | '\u{a0}')).collect();
        let made = Self {
            once: false,
            bank: bank.to_owned(),
            account,
            service: Service::Account,
            amount: None,
            bill: None,
            note: None,
        };
        made.check()?;
        Ok(made)
    }

    /// The code of a bank account as it was opened in the ledger; `None` where the ledger does not
    /// say of which bank it is, or under which number.
    #[must_use]
    pub fn of_place(place: &Place) -> Option<Self> {
        let (bank, account) = (place.bank_bin.as_ref()?, place.account.as_ref()?);
        Self::to_account(bank.as_str(), account.as_str()).ok()
    }

    /// The same for one payment of an amount.
    ///
    /// # Errors
    /// [`VietQrFault::Amount`].
    pub fn of_amount(mut self, amount: Money) -> Result<Self, VietQrFault> {
        (self.amount, self.once) = (Some(amount), true);
        self.check()?;
        Ok(self)
    }

    /// The same with a note.
    ///
    /// # Errors
    /// [`VietQrFault::Note`].
    pub fn with_note(mut self, note: &str) -> Result<Self, VietQrFault> {
        self.note = Some(note.to_owned());
        self.check()?;
        Ok(self)
    }

    /// The number of the bank.
    #[must_use]
    pub fn bank(&self) -> &str {
        &self.bank
    }

    /// The number of the account, as apps show it.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The note.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    fn check(&self) -> Result<(), VietQrFault> {
        if self.bank.len() != 6 || !self.bank.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(VietQrFault::Bank);
        }
        let fits = (1..=ACCOUNT).contains(&self.account.len());
        if !fits || !self.account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(VietQrFault::Account);
        }
        let amount = self.amount.map(|amount| amount.is_positive().then(|| amount.minor()));
        if amount.is_some_and(|own| own.is_none_or(|own| own.to_string().len() > AMOUNT)) {
            return Err(VietQrFault::Amount);
        }
        for text in self.bill.iter().chain(&self.note) {
            let fits = (1..=NOTE).contains(&text.len());
            if !fits || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(VietQrFault::Note);
            }
        }
        Ok(())
    }

    /// The text of the QR code.
    #[must_use]
    pub fn encode(&self) -> String {
        let to = [object("00", &self.bank), object("01", &self.account)].concat();
        let merchant = [object("00", GUID), object("01", &to), object("02", self.service.word())];
        let mut text = object("00", "01");
        text.push_str(&object("01", if self.once { "12" } else { "11" }));
        text.push_str(&object("38", &merchant.concat()));
        text.push_str(&object("53", CURRENCY));
        if let Some(amount) = self.amount {
            text.push_str(&object("54", &amount.minor().to_string()));
        }
        text.push_str(&object("58", COUNTRY));
        let (bill, note) = (self.bill.as_deref(), self.note.as_deref());
        let more: String = [("01", bill), ("08", note)]
            .into_iter()
            .filter_map(|(id, value)| Some(object(id, value?)))
            .collect();
        if !more.is_empty() {
            text.push_str(&object("62", &more));
        }
        text.push_str("6304");
        let check = CHECK.checksum(text.as_bytes());
        text.push_str(&format!("{check:04X}"));
        text
    }

    /// Reads the text of a code of this form, and no other: what [`Self::encode`] would not write
    /// is refused.
    ///
    /// # Errors
    /// [`VietQrFault`] names what was not expected.
    pub fn parse(text: &str) -> Result<Self, VietQrFault> {
        let end = text.len().saturating_sub(4);
        let (signed, check) = text.split_at_checked(end).ok_or(VietQrFault::Check)?;
        if format!("{:04X}", CHECK.checksum(signed.as_bytes())) != check {
            return Err(VietQrFault::Check);
        }
        let mut all = Objects { text, at: 0 };
        all.must("00", "01")?;
        let once = match all.take("01")? {
            "11" => false,
            "12" => true,
            _ => return Err(VietQrFault::Value("01")),
        };
        let (bank, account, service) = merchant(all.take("38")?)?;
        all.must("53", CURRENCY)?;
        let amount = match all.optional("54")? {
            Some(digits) => Some(amount(digits).ok_or(VietQrFault::Amount)?),
            None => None,
        };
        all.must("58", COUNTRY)?;
        let (bill, note) = match all.optional("62")? {
            Some(more) => additional(more)?,
            None => (None, None),
        };
        all.must("63", check)?;
        all.end()?;
        let read = Self { once, bank, account, service, amount, bill, note };
        read.check()?;
        Ok(read)
    }
}

/// The merchant's own objects: bank, account, service.
fn merchant(text: &str) -> Result<(String, String, Service), VietQrFault> {
    let mut own = Objects { text, at: 0 };
    own.must("00", GUID)?;
    let mut to = Objects { text: own.take("01")?, at: 0 };
    let (bank, account) = (to.take("00")?.to_owned(), to.take("01")?.to_owned());
    to.end()?;
    let word = own.take("02")?;
    own.end()?;
    let service = [Service::Account, Service::Card].into_iter().find(|own| own.word() == word);
    Ok((bank, account, service.ok_or(VietQrFault::Value("38-02"))?))
}

/// The additional objects: the number of a bill, the note.
fn additional(text: &str) -> Result<(Option<String>, Option<String>), VietQrFault> {
    let mut own = Objects { text, at: 0 };
    let bill = own.optional("01")?.map(str::to_owned);
    let note = own.optional("08")?.map(str::to_owned);
    own.end()?;
    if bill.is_none() && note.is_none() {
        return Err(VietQrFault::Value("62"));
    }
    Ok((bill, note))
}

/// An amount in its one spelling.
fn amount(digits: &str) -> Option<Money> {
    let minor: i64 = digits.parse().ok().filter(|minor: &i64| minor.to_string() == digits)?;
    Money::new(minor)
}

/// A data object. Values are ASCII of at most 99 characters: [`VietQr::check`] saw to that.
fn object(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// Data objects one behind another.
struct Objects<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Objects<'a> {
    /// The id of the next object.
    fn id(&self) -> Option<&'a str> {
        self.text.get(self.at..self.at + 2)
    }

    fn take(&mut self, id: &'static str) -> Result<&'a str, VietQrFault> {
        self.optional(id)?.ok_or_else(|| match self.id() {
            Some(other) => VietQrFault::Object(other.to_owned()),
            None => VietQrFault::Cut(self.at),
        })
    }

    fn optional(&mut self, id: &'static str) -> Result<Option<&'a str>, VietQrFault> {
        if self.id() != Some(id) {
            return Ok(None);
        }
        let cut = VietQrFault::Cut(self.at);
        let digits = self.text.get(self.at + 2..self.at + 4);
        let digits = digits.filter(|own| own.bytes().all(|byte| byte.is_ascii_digit()));
        let length: Option<usize> = digits.and_then(|digits| digits.parse().ok());
        let Some(length) = length else { return Err(cut) };
        let from = self.at + 4;
        let value = self.text.get(from..from + length).ok_or(cut)?;
        self.at = from + length;
        Ok(Some(value))
    }

    fn must(&mut self, id: &'static str, value: &str) -> Result<(), VietQrFault> {
        if self.take(id)? == value { Ok(()) } else { Err(VietQrFault::Value(id)) }
    }

    fn end(&self) -> Result<(), VietQrFault> {
        match self.text.get(self.at..) {
            Some("") => Ok(()),
            _ => Err(VietQrFault::Object(self.id().unwrap_or_default().to_owned())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Published by NAPAS: a payment into an account, and one to a card.
    const ACCOUNT_QR: &str = "00020101021238570010A00000072701270006970403011300110123456780208\
        QRIBFTTA530370454061800005802VN62340107NPS68690819thanh toan don hang63042E2E";
    const CARD_QR: &str = "00020101021138600010A00000072701300006970403011697040311012345670208\
        QRIBFTTC53037045802VN63044F52";

    fn amount(minor: i64) -> Money {
        Money::new(minor).unwrap()
    }

    #[test]
    fn the_published_codes_come_out_byte_for_byte() {
        let mut account = VietQr::to_account("970403", "0011012345678").unwrap();
        account.bill = Some("NPS6869".to_owned());
        let account = account.of_amount(amount(180_000)).unwrap();
        let account = account.with_note("thanh toan don hang").unwrap();
        assert_eq!(account.encode(), ACCOUNT_QR);
        assert_eq!(VietQr::parse(ACCOUNT_QR), Ok(account));
        let mut card = VietQr::to_account("970403", "9704031101234567").unwrap();
        card.service = Service::Card;
        assert_eq!(card.encode(), CARD_QR);
        assert_eq!(VietQr::parse(CARD_QR), Ok(card));
    }

    #[test]
    fn numbers_are_taken_as_people_write_them_and_others_are_refused() {
        let of = |bank: &str, account: &str| VietQr::to_account(bank, account);
        assert_eq!(of("970436", "0000 000 000").unwrap().account(), "0000000000");
        assert_eq!(of("970436", "101.010-1\u{a0}0").unwrap().account(), "101010".to_owned() + "10");
        for bank in ["", "97043", "9704366", "97043a", "９７０４３６", " 970436"] {
            assert_eq!(of(bank, "1"), Err(VietQrFault::Bank), "{bank}");
        }
        for account in ["", "  ", "12345678901234567890", "12/3", "số 1", "1\n2"] {
            assert_eq!(of("970436", account), Err(VietQrFault::Account), "{account}");
        }
        let one = of("970436", "1").unwrap();
        for minor in [0, -5, 10_000_000_000_000] {
            assert_eq!(one.clone().of_amount(amount(minor)), Err(VietQrFault::Amount));
        }
        assert!(one.clone().of_amount(amount(9_999_999_999_999)).is_ok());
        for note in ["", "ủng hộ", "12345678901234567890123456", "a\nb"] {
            assert_eq!(one.clone().with_note(note), Err(VietQrFault::Note), "{note}");
        }
    }

    #[test]
    fn other_codes_are_refused_and_say_why() {
        let with_check = |text: String| {
            let text = format!("{text}6304");
            format!("{text}{:04X}", CHECK.checksum(text.as_bytes()))
        };
        let body = CARD_QR.strip_suffix("63044F52").unwrap();
        let country = body.find("5802VN").unwrap();
        for (text, fault) in [
            (String::new(), VietQrFault::Check),
            ("ấ".to_owned(), VietQrFault::Check),
            (CARD_QR.replace("4F52", "4f52"), VietQrFault::Check),
            (with_check(body.replace("5303704", "5303840")), VietQrFault::Value("53")),
            (with_check(body.replace("010211", "010213")), VietQrFault::Value("01")),
            (with_check(body.replace("TTC", "TTX")), VietQrFault::Value("38-02")),
            (with_check(body.replace("5802VN", "5802US")), VietQrFault::Value("58")),
            (with_check(body.replace("5802VN", "")), VietQrFault::Object("63".into())),
            (with_check(format!("{body}5905Hello")), VietQrFault::Object("59".into())),
            (with_check(body.replace("5802VN", "54995802VN")), VietQrFault::Cut(country)),
            (with_check(body.replace("5802VN", "54x25802VN")), VietQrFault::Cut(country)),
            (with_check(body.replace("5802VN", "54025x5802VN")), VietQrFault::Amount),
            (with_check(body.replace("5802VN", "5403+055802VN")), VietQrFault::Amount),
            (with_check(format!("{body}6200")), VietQrFault::Value("62")),
        ] {
            let found = VietQr::parse(&text).unwrap_err();
            let same = std::mem::discriminant(&found) == std::mem::discriminant(&fault);
            let exact = matches!(fault, VietQrFault::Cut(_)) || found == fault;
            assert!(same && exact, "{found:?} instead of {fault:?}: {text}");
        }
    }

    fn code() -> impl Strategy<Value = VietQr> {
        (
            "[0-9]{6}",
            "[0-9A-Za-z]{1,19}",
            prop::option::of(1..9_999_999_999_999_i64),
            prop::option::of("[ -~]{1,25}"),
        )
            .prop_map(|(bank, account, minor, note)| {
                let mut code = VietQr::to_account(&bank, &account).unwrap();
                if let Some(minor) = minor {
                    code = code.of_amount(amount(minor)).unwrap();
                }
                if let Some(note) = note {
                    code = code.with_note(&note).unwrap();
                }
                code
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(code in code()) {
            let text = code.encode();
            prop_assert!(text.is_ascii() && text.len() <= 512);
            prop_assert_eq!(VietQr::parse(&text), Ok(code));
        }

        #[test]
        fn a_changed_or_cut_text_is_noticed(
            code in code(), at in any::<usize>(), to in b' '..b'~',
        ) {
            let text = code.encode();
            let mut bytes = text.clone().into_bytes();
            let at = at % bytes.len();
            if bytes[at] != to {
                bytes[at] = to;
                let changed = String::from_utf8(bytes).unwrap();
                prop_assert!(VietQr::parse(&changed).is_err());
            }
            prop_assert!(VietQr::parse(&text[..at]).is_err());
        }

        #[test]
        fn garbage_is_refused_without_a_panic(text in "\\PC{0,80}") {
            prop_assert!(VietQr::parse(&text).is_err());
        }
    }
}
