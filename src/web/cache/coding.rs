//! Which coding of an answer a browser takes (`Accept-Encoding`, RFC 9110 section 12.5.3).

/// Whether gzip is taken, and liked no less than the bare bytes.
///
/// Without the header nothing is packed: who does not say that they unpack may not.
#[must_use]
pub fn takes_gzip<'h>(headers: impl Iterator<Item = &'h str>) -> bool {
    let (mut gzip, mut any, mut bare) = (None, None, None);
    for entry in headers.flat_map(|header| header.split(',')) {
        let mut parts = entry.split(';');
        let coding = parts.next().unwrap_or_default().trim();
        let weight = weight(parts);
        let place = if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip")
        {
            &mut gzip
        } else if coding.eq_ignore_ascii_case("identity") {
            &mut bare
        } else if coding == "*" {
            &mut any
        } else {
            continue;
        };
        // Said twice, it is taken as the lesser.
        *place = Some(place.map_or(weight, |said: u16| said.min(weight)));
    }
    let gzip = gzip.or(any).unwrap_or(0);
    // Bare bytes that are not named are acceptable, but asked for by nobody.
    gzip > 0 && gzip >= bare.unwrap_or(0)
}

/// The weight among the parameters of an entry, in thousandths: 1000 where none is given, 0 where
/// it is none of the grammar's.
fn weight<'h>(mut parameters: impl Iterator<Item = &'h str>) -> u16 {
    let weight = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    weight.map_or(1_000, |weight| thousandths(weight).unwrap_or(0))
}

/// `0`, `1`, or one of them with a dot and up to three digits, at most 1.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let whole: u16 = match whole {
        "0" => 0,
        "1" => 1_000,
        _ => return None,
    };
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    (whole + part <= 1_000).then_some(whole + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_given_to_who_takes_it_and_to_nobody_else() {
        for (header, taken) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("GZIP;Q=0.5", true),
            ("x-gzip", true),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
            ("*", true),
            ("deflate , gzip ; q=0.001", true),
            ("gzip;q=1, identity;q=1", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("gzip;q=0.5, identity;q=0.8", false),
            ("gzip;q=2", false),
            ("gzip;q=1.001", false),
            ("gzip;q=0.1234", false),
            ("gzip;q=-1", false),
            ("gzip;q=", false),
            ("gzip;q=0.5, gzip;q=0", false),
            ("gzipped", false),
        ] {
            assert_eq!(takes_gzip([header].into_iter()), taken, "{header}");
        }
        assert!(!takes_gzip([].into_iter()));
        assert!(takes_gzip(["br", "gzip"].into_iter()), "two lines are one list");
    }
}
