//! Canonical bytes: the one JSON serializer of the project and the strict reader of its profile.
//!
//! Everything that is hashed or signed passes through [`encode`] (RFC 8785, JCS), and everything
//! that was received is read by [`decode`], which accepts only what [`encode`] would have written.

use serde_json::Value;

use super::json::Json;
use crate::money::LARGEST;

/// The longest document in bytes: what the 16-bit length prefix of an entry bundle can hold.
pub const MAX_BYTES: usize = 65_535;

/// The deepest level that an object or array may stand on, the outermost being level 0.
pub const MAX_NESTING: usize = 16;

/// Why bytes or a value are not a canonical document of this project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalFault {
    /// Longer than [`MAX_BYTES`].
    #[error("{0} bytes, at most 65535 are allowed: split the document")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// Not JSON at all (a lone surrogate and a number beyond all range count among these).
    #[error("not JSON: {0}")]
    Syntax(String),
    /// The document is a value other than an object.
    #[error("the document must be one JSON object")]
    NotAnObject,
    /// Objects and arrays inside one another beyond level [`MAX_NESTING`].
    #[error("{at}: nested deeper than 16 levels")]
    TooDeep {
        /// Where, as `voucher.lines[3].amount`.
        at: String,
    },
    /// A member name that is not ASCII.
    #[error("{at}: a member name must be ASCII")]
    MemberName {
        /// The object that has the member.
        at: String,
    },
    /// A control or invisible code point in a text or member name.
    #[error("{at}: code point U+{code:04X} is not allowed: remove it")]
    CodePoint {
        /// Where.
        at: String,
        /// The code point.
        code: u32,
    },
    /// A number that is not an integer within ±(2^53 − 1): fractions, exponents, `-0`, too large.
    #[error("{at}: the number {token} is not an integer within ±9007199254740991")]
    Number {
        /// Where.
        at: String,
        /// The number as it was read.
        token: String,
    },
    /// `null`, which never stands for anything here.
    #[error("{at}: null is not allowed, leave the member out")]
    Null {
        /// Where.
        at: String,
    },
    /// JSON within the profile, but not the bytes that RFC 8785 gives.
    #[error(
        "not in RFC 8785 form from byte {0} on (order or repetition of members, white space, \
         escapes)"
    )]
    NotCanonical(usize),
}

/// The RFC 8785 bytes of `value`: members sorted, no white space, no newline at the end.
///
/// Integers beyond ±(2^53 − 1) and floats would be written as RFC 8785 says, through a double:
/// whoever builds a document checks it with [`check_profile`] first.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    match serde_json_canonicalizer::to_vec(value) {
        Ok(bytes) => bytes,
        // A `Value` has string keys, each once, and no NaN or infinity, and a Vec takes any write.
        Err(fault) => unreachable!("a JSON value always has canonical bytes: {fault}"),
    }
}

/// Reads one canonical JSON object, as entries and vouchers are.
///
/// Accepted are only the bytes that [`encode`] writes for a value within the profile: at most
/// [`MAX_BYTES`] of UTF-8, ASCII member names, no forbidden code point ([`is_allowed`]), integers
/// within ±(2^53 − 1), no float, no null, nesting up to [`MAX_NESTING`].
///
/// # Errors
/// [`CanonicalFault`] names the first rule that the bytes break.
pub fn decode(bytes: &[u8]) -> Result<Value, CanonicalFault> {
    let value = decode_any(bytes)?;
    if value.is_object() { Ok(value) } else { Err(CanonicalFault::NotAnObject) }
}

/// Reads one canonical JSON value of any type by the rules of [`decode`]; disclosures are arrays.
///
/// # Errors
/// [`CanonicalFault`] names the first rule that the bytes break.
pub fn decode_any(bytes: &[u8]) -> Result<Value, CanonicalFault> {
    read(bytes).map(|value| value.to_value())
}

/// Reads one canonical JSON value of any type by the rules of [`decode`], without copies of its
/// texts.
///
/// # Errors
/// [`CanonicalFault`] names the first rule that the bytes break.
pub(super) fn read(bytes: &[u8]) -> Result<Json<'_>, CanonicalFault> {
    if bytes.len() > MAX_BYTES {
        return Err(CanonicalFault::TooLong(bytes.len()));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|fault| CanonicalFault::NotUtf8(fault.valid_up_to()))?;
    let value = Json::parse(text).map_err(|fault| CanonicalFault::Syntax(fault.to_string()))?;
    if stands_as_written(bytes, &value)? {
        return Ok(value);
    }
    let canonical = encode(&value.to_value());
    if canonical == bytes {
        return Ok(value);
    }
    let same = canonical.iter().zip(bytes).take_while(|(left, right)| left == right).count();
    Err(CanonicalFault::NotCanonical(same))
}

/// Whether the bytes of a value within the profile are in RFC 8785 form, as far as one look tells:
/// true only when they are.
///
/// Without escapes there is one way to write each value of the profile, but for the order and
/// repetition of members, whose ASCII names sort by their bytes, and for white space, which adds to
/// the length.
///
/// # Errors
/// [`CanonicalFault`] for a value that is not within the profile.
fn stands_as_written(bytes: &[u8], value: &Json<'_>) -> Result<bool, CanonicalFault> {
    let mut look = Look { plain: is_plain(bytes), in_order: true };
    let length = look.at(value, &Place::Top, 0)?;
    Ok(look.in_order && length == bytes.len() && !bytes.contains(&b'\\'))
}

/// Whether bytes hold nothing but what can be seen in ASCII, and no escape of anything else.
fn is_plain(bytes: &[u8]) -> bool {
    let seen = |byte: &u8| matches!(byte, b' '..=b'~') & (*byte != b'\\');
    // Without a way out in its middle a piece is looked at in few steps.
    bytes.chunks(64).all(|piece| piece.iter().fold(true, |all, byte| all & seen(byte)))
}

/// Whether a text may hold `c`: no control character and none of the invisible code points with
/// which two different texts could look alike.
#[must_use]
pub const fn is_allowed(c: char) -> bool {
    !matches!(
        c,
        '\u{0}'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFF}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Checks a value against the profile of [`decode`], all but its length and its bytes.
///
/// # Errors
/// [`CanonicalFault`] with the place of the first fault.
pub fn check_profile(value: &Value) -> Result<(), CanonicalFault> {
    let mut look = Look { plain: false, in_order: true };
    look.at(&Json::from(value), &Place::Top, 0).map(drop)
}

/// Where a value stands, linked from the inside out so that nothing is allocated without a fault.
enum Place<'a> {
    Top,
    Member(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        match self {
            Self::Top => "document".to_owned(),
            Self::Member(Self::Top, name) => (*name).to_owned(),
            Self::Member(outer, name) => format!("{}.{name}", outer.path()),
            Self::Index(outer, index) => format!("{}[{index}]", outer.path()),
        }
    }
}

/// A look at a value by the rules of [`decode`].
struct Look {
    /// Every text is known to hold nothing but what can be seen in ASCII.
    plain: bool,
    /// The names of the members ascend in every object that was looked at.
    in_order: bool,
}

impl Look {
    /// The bytes of a value within the profile, written without white space and escapes.
    fn at(
        &mut self,
        value: &Json<'_>,
        place: &Place<'_>,
        level: usize,
    ) -> Result<usize, CanonicalFault> {
        if level > MAX_NESTING && matches!(value, Json::List(_) | Json::Object(_)) {
            return Err(CanonicalFault::TooDeep { at: place.path() });
        }
        match value {
            Json::Null => Err(CanonicalFault::Null { at: place.path() }),
            Json::Flag(flag) => Ok(if *flag { 4 } else { 5 }),
            Json::Number(number) => match number.as_i64() {
                Some(integer) if (-LARGEST..=LARGEST).contains(&integer) => Ok(digits(integer)),
                _ => Err(CanonicalFault::Number { at: place.path(), token: number.to_string() }),
            },
            Json::Text(text) => self.text(text, place),
            Json::List(list) => {
                let mut length = 2 + list.len().saturating_sub(1);
                for (at, item) in list.iter().enumerate() {
                    length += self.at(item, &Place::Index(place, at), level + 1)?;
                }
                Ok(length)
            }
            Json::Object(members) => {
                let mut length = 2 + members.len().saturating_sub(1);
                let mut before: Option<&str> = None;
                for (name, member) in members {
                    if !name.is_ascii() {
                        return Err(CanonicalFault::MemberName { at: place.path() });
                    }
                    length += self.text(name, place)? + 1;
                    length += self.at(member, &Place::Member(place, name), level + 1)?;
                    self.in_order &= before < Some(name);
                    before = Some(name);
                }
                Ok(length)
            }
        }
    }

    fn text(&self, text: &str, place: &Place<'_>) -> Result<usize, CanonicalFault> {
        if !self.plain {
            check_text(text, place)?;
        }
        Ok(text.len() + 2)
    }
}

/// The characters of an integer.
fn digits(integer: i64) -> usize {
    let digits = integer.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
    digits + usize::from(integer < 0)
}

fn check_text(text: &str, place: &Place<'_>) -> Result<(), CanonicalFault> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    match text.chars().find(|c| !is_allowed(*c)) {
        None => Ok(()),
        Some(c) => Err(CanonicalFault::CodePoint { at: place.path(), code: u32::from(c) }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fault(text: &str) -> CanonicalFault {
        decode(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn members_are_sorted_and_nothing_is_added() {
        let value = json!({"b": [1, true, "Đỗ \"x\" \\ /"], "a": {"_sd": ["z"]}, "B": -3});
        let bytes = encode(&value);
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"B":-3,"a":{"_sd":["z"]},"b":[1,true,"Đỗ \"x\" \\ /"]}"#
        );
        assert_eq!(decode(&bytes), Ok(value));
    }

    #[test]
    fn the_sorting_example_of_rfc_8785_gives_its_order() {
        // Section 3.2.3 sorts by UTF-16 code units, which ASCII names never show.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5,
            "\u{80}": 6, "\u{f6}": 7});
        let text = String::from_utf8(encode(&value)).unwrap();
        assert_eq!(
            text,
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\
             \"\u{fb33}\":3}"
        );
    }

    #[test]
    fn integers_reach_from_minus_to_plus_two_to_the_53_less_one() {
        for text in ["9007199254740991", "-9007199254740991", "0", "-1"] {
            assert!(decode(format!("{{\"n\":{text}}}").as_bytes()).is_ok(), "{text}");
        }
        for text in [
            "9007199254740992",
            "9007199254740993",
            "-9007199254740992",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "-0",
            "-0.0",
            "0.0",
            "1.0",
            "1.5",
            "1e2",
            "1E2",
            "1e-7",
        ] {
            let found = fault(&format!("{{\"n\":{text}}}"));
            assert!(matches!(found, CanonicalFault::Number { ref at, .. } if at == "n"), "{found}");
        }
        for text in ["01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "1e999"] {
            assert!(matches!(fault(&format!("{{\"n\":{text}}}")), CanonicalFault::Syntax(_)));
        }
    }

    #[test]
    fn other_spellings_of_the_same_value_are_refused() {
        for text in [
            " {}",
            "{} ",
            "{}\n",
            "{\"a\": 1}",
            "{\"b\":1,\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"a\":2}",
            "{\"\\u0061\":1}",
            "{\"a\":\"\\u0061\"}",
            "{\"a\":\"\\/\"}",
            "{\"a\":\"\\u0111\"}",
            "{\"a\":\"\\ud83d\\ude00\"}",
        ] {
            assert!(matches!(fault(text), CanonicalFault::NotCanonical(_)), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_or_not_an_object_is_refused() {
        for text in ["", "{", "{}{}", "{\"a\":1,}", "\u{feff}{}", "{\"a\":\"\\ud800\"}", "{'a':1}"]
        {
            assert!(matches!(fault(text), CanonicalFault::Syntax(_)), "{text}");
        }
        for text in ["[]", "1", "\"a\"", "true"] {
            assert_eq!(fault(text), CanonicalFault::NotAnObject, "{text}");
            assert!(decode_any(text.as_bytes()).is_ok());
        }
        assert_eq!(decode(b"{\"a\":\"\xff\"}"), Err(CanonicalFault::NotUtf8(6)));
        assert_eq!(fault("{\"a\":[1,null]}"), CanonicalFault::Null { at: "a[1]".to_owned() });
        assert!(matches!(fault("{\"đ\":1}"), CanonicalFault::MemberName { .. }));
    }

    #[test]
    fn invisible_code_points_are_refused_and_their_neighbours_are_not() {
        let forbidden: [(u32, u32); 17] = [
            (0x00, 0x1F),
            (0x7F, 0x9F),
            (0xAD, 0xAD),
            (0x34F, 0x34F),
            (0x61C, 0x61C),
            (0x115F, 0x1160),
            (0x17B4, 0x17B5),
            (0x180E, 0x180E),
            (0x200B, 0x200F),
            (0x2028, 0x202E),
            (0x2060, 0x206F),
            (0x3164, 0x3164),
            (0xFE00, 0xFE0F),
            (0xFEFF, 0xFEFF),
            (0xFFA0, 0xFFA0),
            (0xFFF0, 0xFFFF),
            (0xE0000, 0xE0FFF),
        ];
        for code in 0..=0x0010_FFFF_u32 {
            let Some(c) = char::from_u32(code) else { continue };
            let listed = forbidden.iter().any(|(from, to)| (*from..=*to).contains(&code));
            assert_eq!(is_allowed(c), !listed, "U+{code:04X}");
        }
        let found = fault("{\"lines\":[{\"note\":\"a\u{202e}b\"}]}");
        assert_eq!(
            found,
            CanonicalFault::CodePoint { at: "lines[0].note".to_owned(), code: 0x202E }
        );
        assert!(matches!(fault("{\"a\\n\":1}"), CanonicalFault::CodePoint { code: 10, .. }));
        assert!(matches!(fault("{\"a\":\"\\u0000\"}"), CanonicalFault::CodePoint { code: 0, .. }));
    }

    #[test]
    fn nesting_ends_at_level_16() {
        let nested = |levels: usize| {
            format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels)).into_bytes()
        };
        assert!(decode(&nested(16)).is_ok());
        assert!(matches!(decode(&nested(17)), Err(CanonicalFault::TooDeep { .. })));
        assert!(matches!(decode(&nested(100)), Err(CanonicalFault::TooDeep { .. })));
        assert!(matches!(decode(&nested(30_000)), Err(CanonicalFault::Syntax(_))));
    }

    #[test]
    fn a_document_ends_at_65535_bytes() {
        let sized = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8)).into_bytes();
        assert!(decode(&sized(MAX_BYTES)).is_ok());
        assert_eq!(decode(&sized(MAX_BYTES + 1)), Err(CanonicalFault::TooLong(MAX_BYTES + 1)));
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-LARGEST..=LARGEST).prop_map(Value::from),
            "[ -~àáđĐỗ€😀]{0,12}".prop_map(Value::from),
        ];
        let inner = leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[!-~]{0,6}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        prop::collection::hash_map("[!-~]{0,6}", inner, 0..6)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn one_look_accepts_what_is_written_so_without_escapes_and_nothing_else(
            value in documents(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
            how in 0..5
        ) {
            let mut bytes = encode(&value);
            let stands = stands_as_written(&bytes, &Json::from(&value));
            prop_assert_eq!(stands, Ok(!bytes.contains(&b'\\')));
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                3 => bytes.insert(at, b"\"\\/ :,{}"[usize::from(byte) % 8]),
                _ => bytes = serde_json::to_vec_pretty(&value).unwrap(),
            }
            if let Ok(text) = std::str::from_utf8(&bytes)
                && let Ok(read) = Json::parse(text)
                && stands_as_written(&bytes, &read) == Ok(true)
            {
                prop_assert_eq!(encode(&read.to_value()), bytes);
            }
        }

        #[test]
        fn random_bytes_are_refused_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300)
        ) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }

        #[test]
        fn whatever_is_written_is_read_back(value in documents()) {
            prop_assert_eq!(decode(&encode(&value)), Ok(value));
        }

        #[test]
        fn a_changed_document_is_refused_or_is_another_value(
            value in documents(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
            how in 0..3
        ) {
            let original = encode(&value);
            let mut bytes = original.clone();
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
            if let Ok(read) = decode(&bytes) {
                prop_assert_eq!(&encode(&read), &bytes);
                prop_assert_eq!(read == value, bytes == original);
            }
        }
    }
}
