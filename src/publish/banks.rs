//! Banks of Viet Nam by their BIN, the six digits by which VietQR knows them.
//!
//! Names are those of everyday use and of the banks' registers. Put down by hand in November 2026
//! from lists of VietQR that agree with each other (api.vietqr.io, momo.vn); a bank that is missing
//! here is shown by its BIN alone, and its QR code works all the same.

/// A bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bank {
    /// Six digits.
    pub bin: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// As it is registered, in Vietnamese.
    pub registered: &'static str,
}

/// The bank of a BIN.
#[must_use]
pub fn bank(bin: &str) -> Option<&'static Bank> {
    BANKS.iter().find(|bank| bank.bin == bin)
}

const fn of(bin: &'static str, name: &'static str, registered: &'static str) -> Bank {
    Bank { bin, name, registered }
}

/// The banks, the larger ones first.
pub const BANKS: &[Bank] = &[
    of("970436", "Vietcombank", "Ngân hàng TMCP Ngoại thương Việt Nam"),
    of("970415", "VietinBank", "Ngân hàng TMCP Công thương Việt Nam"),
    of("970418", "BIDV", "Ngân hàng TMCP Đầu tư và Phát triển Việt Nam"),
    of("970405", "Agribank", "Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam"),
    of("970407", "Techcombank", "Ngân hàng TMCP Kỹ thương Việt Nam"),
    of("970432", "VPBank", "Ngân hàng TMCP Việt Nam Thịnh Vượng"),
    of("970403", "Sacombank", "Ngân hàng TMCP Sài Gòn Thương Tín"),
    of("970422", "MB", "Ngân hàng TMCP Quân đội"),
    of("970437", "HDBank", "Ngân hàng TMCP Phát triển Thành phố Hồ Chí Minh"),
    of("970416", "ACB", "Ngân hàng TMCP Á Châu"),
    of("970443", "SHB", "Ngân hàng TMCP Sài Gòn – Hà Nội"),
    of("970441", "VIB", "Ngân hàng TMCP Quốc tế Việt Nam"),
    of("970423", "TPBank", "Ngân hàng TMCP Tiên Phong"),
    of("970448", "OCB", "Ngân hàng TMCP Phương Đông"),
    of("970426", "MSB", "Ngân hàng TMCP Hàng hải Việt Nam"),
    of("970449", "LPBank", "Ngân hàng TMCP Lộc Phát Việt Nam"),
    of("970428", "Nam A Bank", "Ngân hàng TMCP Nam Á"),
    of("970419", "NCB", "Ngân hàng TMCP Quốc Dân"),
    of("970412", "PVcomBank", "Ngân hàng TMCP Đại chúng Việt Nam"),
    of("970429", "SCB", "Ngân hàng TMCP Sài Gòn"),
    of("970431", "Eximbank", "Ngân hàng TMCP Xuất nhập khẩu Việt Nam"),
    of("970430", "PGBank", "Ngân hàng TMCP Thịnh vượng và Phát triển"),
    of("970425", "ABBANK", "Ngân hàng TMCP An Bình"),
    of("970409", "Bac A Bank", "Ngân hàng TMCP Bắc Á"),
    of("970438", "BaoViet Bank", "Ngân hàng TMCP Bảo Việt"),
    of("970406", "Vikki Bank", "Ngân hàng TNHH MTV Số Vikki (trước đây: Đông Á)"),
    of("970452", "KienlongBank", "Ngân hàng TMCP Kiên Long"),
    of("970414", "MBV", "Ngân hàng TNHH MTV Việt Nam Hiện đại (trước đây: Đại Dương)"),
    of("970440", "SeABank", "Ngân hàng TMCP Đông Nam Á"),
    of("970400", "Saigonbank", "Ngân hàng TMCP Sài Gòn Công thương"),
    of("970427", "VietABank", "Ngân hàng TMCP Việt Á"),
    of("970454", "BVBank", "Ngân hàng TMCP Bản Việt"),
    of("970433", "Vietbank", "Ngân hàng TMCP Việt Nam Thương Tín"),
    of(
        "970408",
        "GPBank",
        "Ngân hàng TNHH MTV Kỷ nguyên thịnh vượng (trước đây: Dầu khí Toàn cầu)",
    ),
    of("970444", "VCBNeo", "Ngân hàng TNHH MTV Ngoại thương Công nghệ số (trước đây: Xây dựng)"),
    of("970446", "Co-opBank", "Ngân hàng Hợp tác xã Việt Nam"),
    of("999888", "VBSP", "Ngân hàng Chính sách xã hội"),
    of("970421", "VRB", "Ngân hàng Liên doanh Việt – Nga"),
    of("970434", "Indovina Bank", "Ngân hàng TNHH Indovina"),
    of("970424", "Shinhan Bank", "Ngân hàng TNHH MTV Shinhan Việt Nam"),
    of("970457", "Woori Bank", "Ngân hàng TNHH MTV Woori Việt Nam"),
    of("970439", "Public Bank", "Ngân hàng TNHH MTV Public Việt Nam"),
    of("970442", "Hong Leong Bank", "Ngân hàng TNHH MTV Hong Leong Việt Nam"),
    of("970410", "Standard Chartered", "Ngân hàng TNHH MTV Standard Chartered (Việt Nam)"),
    of("458761", "HSBC", "Ngân hàng TNHH MTV HSBC (Việt Nam)"),
    of("422589", "CIMB", "Ngân hàng TNHH MTV CIMB Việt Nam"),
    of("970458", "UOB", "Ngân hàng TNHH MTV United Overseas Bank (Việt Nam)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_stands_once_with_six_digits() {
        let mut bins: Vec<&str> = BANKS.iter().map(|bank| bank.bin).collect();
        bins.sort_unstable();
        bins.dedup();
        assert_eq!(bins.len(), BANKS.len());
        for own in BANKS {
            assert!(own.bin.len() == 6 && own.bin.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(!own.name.is_empty() && own.registered.starts_with("Ngân hàng"));
            assert_eq!(bank(own.bin), Some(own));
        }
        assert_eq!(bank("970436").map(|bank| bank.name), Some("Vietcombank"));
        assert_eq!(bank("000000"), None);
    }
}
