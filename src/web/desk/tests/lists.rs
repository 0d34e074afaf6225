//! A list of families: file, columns, preview; all of it in the register, or nothing.

use super::erasure::{files, holds};
use super::people::CASEWORKER;
use super::*;

const START: &str = "/ban/nhap-so-ho";
const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

const FILE: &str = "STT,Chủ hộ,Năm sinh,Đối tượng,Ấp,Số CCCD,Nhân khẩu\r\n\
    1,Lê Văn Bảy,1960,Hộ nghèo; Khuyết tật,Ấp Một,,Lê An; Lê Bình\r\n\
    2,Nguyễn Thị Đào,,Hộ nghèo,Ấp Bình Hòa,,\r\n\
    3,Phan Tư,1971,,Ấp Hai,079071000004,\r\n\
    4,PHAN TU,,,Ấp Ba,079 071 000 004,\r\n";

impl House {
    async fn bring_list(&self, bytes: &[u8]) -> (Status, String) {
        let (_, html) = self.get(START).await;
        let token = token(&html, START);
        let mut body = Vec::new();
        let head = "Content-Disposition: form-data; name=\"token\"";
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{token}\r\n").into_bytes());
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"hộ.csv\"";
        let kind = "Content-Type: text/csv";
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n{kind}\r\n\r\n").into_bytes());
        body.extend_from_slice(bytes);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let content_type = ContentType::new("multipart", "form-data");
        let response = self
            .client
            .post(START)
            .header(content_type.with_params(("boundary", BOUNDARY)))
            .header(Header::new("Origin", BASE))
            .body(body)
            .dispatch()
            .await;
        let status = response.status();
        match response.headers().get_one("Location").map(str::to_owned) {
            Some(location) => (status, location),
            None => (status, response.into_string().await.unwrap_or_default()),
        }
    }

    /// Brings a list whose columns are recognised: the path of its preview.
    pub async fn recognised(&self, bytes: &[u8]) -> String {
        let (status, columns) = self.bring_list(bytes).await;
        assert_eq!(status, Status::SeeOther, "{columns}");
        let (_, html) = self.get(&columns).await;
        let mut fields = vec![("header_row", hidden_text(&html, "header_row"))];
        for name in ["name", "birth", "category", "hamlet", "identity", "members"] {
            fields.push((name, chosen(&html, name)));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, preview) = self.send(&columns, &columns, &fields).await;
        assert_eq!(status, Status::SeeOther, "{preview}");
        preview
    }

    pub async fn preview(&self, path: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(path).await;
        let seen = hidden(&html, "seen");
        let mut all = vec![("seen", seen.as_str()), ("page", "1")];
        all.extend_from_slice(fields);
        self.send(path, path, &all).await
    }
}

fn hidden_text(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" type=\"text\"")).unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The option of a list that is chosen.
fn chosen(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("id=\"{name}\" name=\"{name}\"")).unwrap();
    let list = rest.split("</select>").next().unwrap();
    let before = list.split_once("\" selected").map_or("", |(before, _)| before);
    before.rsplit('"').next().unwrap_or_default().to_owned()
}

#[rocket::async_test]
async fn a_list_is_entered_whole_and_once_and_look_alikes_by_a_persons_word_alone() {
    let house = House::founded().await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    house.family(&families::FAMILY).await;
    let path = house.recognised(FILE.as_bytes()).await;
    let (_, html) = house.get(&path).await;
    for text in ["Lê Văn Bảy", "Người khuyết tật", "cùng địa bàn", "Trùng số giấy tờ"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    for (name, bytes) in files(house.folder.path()) {
        assert!(!holds(&bytes, "Lê Văn Bảy"), "{name}: the waiting file is sealed");
    }
    // Row 5 is another one; row 3 is in the register.
    let decided = [("row[]", "3"), ("row[]", "5"), ("apart[]", "5"), ("step", "keep")];
    let (status, to) = house.preview(&path, &decided).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{path}?trang=1")));
    let (_, html) = house.get(&path).await;
    assert!(html.contains("3 hộ sẽ vào sổ"), "{html}");
    let old = [("seen", "0"), ("page", "1"), ("step", "record")];
    let (status, html) = house.send(&path, &path, &old).await;
    assert!(status == Status::UnprocessableEntity && html.contains("vừa thay đổi"), "{html}");
    let decided = [("row[]", "3"), ("row[]", "5"), ("apart[]", "5"), ("step", "record")];
    let (status, to) = house.preview(&path, &decided).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{path}/xong")));
    let (_, html) = house.get(&format!("{path}/xong")).await;
    assert!(html.contains("3 hộ vào sổ"), "{html}");
    let (_, html) = house.get("/ban/so-ho").await;
    assert!(html.contains("4 hộ trong 4 hộ") && html.contains("PHAN TU"), "{html}");
    // Again: everything is there already.
    let (status, to) = house.send("/ban/so-ho", &path, &[]).await;
    assert!(status != Status::SeeOther || to.ends_with("/xong"), "{to}");
    let path = house.recognised(FILE.as_bytes()).await;
    let (status, html) = house.preview(&path, &[("step", "record")]).await;
    assert!(status == Status::UnprocessableEntity && html.contains("Không có hộ nào"), "{html}");
    let throw = format!("{path}/bo");
    assert_eq!(house.send(&path, &throw, &[]).await.0, Status::SeeOther);
    assert_eq!(house.get(&path).await.0, Status::NotFound);
}

#[rocket::async_test]
async fn one_wrong_row_enters_nobody_and_columns_may_be_chosen_by_hand() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let file = "Chủ hộ,Năm sinh\nLê Văn Bảy,1960\nVõ Tám,58\n";
    let path = {
        let (_, columns) = house.bring_list(file.as_bytes()).await;
        let fields = [("header_row", "1"), ("name", "0"), ("birth", "1")];
        let twice = [("header_row", "1"), ("name", "0"), ("birth", "0")];
        for wrong in [&twice[..], &fields[..1], &[("header_row", "9"), ("name", "0")]] {
            let (status, _) = house.send(&columns, &columns, wrong).await;
            assert_eq!(status, Status::UnprocessableEntity, "{wrong:?}");
        }
        house.send(&columns, &columns, &fields).await.1
    };
    let (_, html) = house.get(&path).await;
    assert!(html.contains(", Năm sinh: không phải năm sinh"), "{html}");
    let (status, html) = house.preview(&path, &[("step", "record")]).await;
    assert!(status == Status::UnprocessableEntity && html.contains("Chưa ghi gì"), "{html}");
    assert!(house.get("/ban/so-ho").await.1.contains("Sổ chưa có hộ nào"));
    for bad in [b"".as_slice(), b"PK\x03\x04abc", b"one column\nonly\n"] {
        assert_eq!(house.bring_list(bad).await.0, Status::UnprocessableEntity);
    }
    // A list of families is no bank statement.
    assert!(!house.get("/ban/nhap-tep").await.1.contains("hộ.csv"));
    assert_eq!(house.get(&path.replace("nhap-so-ho", "nhap-tep")).await.0, Status::NotFound);
}

#[rocket::async_test]
async fn an_excel_file_is_taken_in_as_it_shows_and_a_hostile_one_is_not() {
    use crate::import::sheet::tests::{good, workbook};
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (status, columns) = house.bring_list(&good()).await;
    assert_eq!(status, Status::SeeOther, "{columns}");
    let fields = [("header_row", "1"), ("name", "0"), ("birth", "1")];
    let (_, path) = house.send(&columns, &columns, &fields).await;
    let (_, html) = house.get(&path).await;
    for text in ["Lê Văn Bảy · 1960", "Phan Tư · 1959", "2 hộ sẽ vào sổ"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert_eq!(house.preview(&path, &[("step", "record")]).await.0, Status::SeeOther);
    let hostile = workbook("", "", "uniqueCount=\"4000000000\">");
    let (status, html) = house.bring_list(&hostile).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("cấu trúc bất thường"), "{html}");
}

#[rocket::async_test]
async fn the_template_and_the_registers_own_table_are_recognised() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.family(&families::FAMILY).await;
    for table in ["/ban/nhap-so-ho/mau.csv", "/ban/so-ho/so-ho.csv"] {
        let (_, csv) = house.get(table).await;
        let (_, columns) = house.bring_list(csv.as_bytes()).await;
        let (_, html) = house.get(&columns).await;
        for (at, name) in ["name", "birth", "category", "hamlet", "address", "phone", "identity"]
            .into_iter()
            .enumerate()
        {
            assert_eq!(chosen(&html, name), at.to_string(), "{table}: {name}");
        }
    }
}
