//! Bank statements through the desk: file, columns, preview, and into the ledger once.

mod giving;
mod long;
mod page;

use page::*;

use super::*;

const START: &str = "/ban/nhap-tep";
const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/statements");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

/// A multipart body as browsers write it.
fn body(token: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in [("token", token), ("place", "ngan-hang"), ("fund", "chung")] {
        let head = format!("Content-Disposition: form-data; name=\"{field}\"");
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").into_bytes());
    }
    let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    body.extend(format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: text/csv\r\n\r\n").into_bytes());
    body.extend_from_slice(bytes);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

impl House {
    /// A founded chapter whose books begin early enough for the banks' own samples.
    async fn of_2024() -> Self {
        let house = house().await;
        let mut form = setup_form();
        form.iter_mut()
            .filter(|(name, _)| *name == "books_from")
            .for_each(|pair| pair.1 = "01/09/2024");
        let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
        assert_eq!(status, Status::Ok, "{html}");
        house.sign_in(TREASURER).await;
        house
    }

    /// A founded chapter with its treasurer at the desk.
    async fn at_work() -> Self {
        let house = Self::founded().await;
        house.sign_in(TREASURER).await;
        house
    }

    async fn send_file(&self, body: Vec<u8>) -> (Status, String) {
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

    async fn upload(&self, name: &str, bytes: &[u8]) -> (Status, String) {
        let (_, html) = self.get(START).await;
        self.send_file(body(&token(&html, START), name, bytes)).await
    }

    /// Brings a file whose columns are recognised: the path of its preview.
    async fn bring(&self, bytes: &[u8]) -> String {
        let (status, columns) = self.upload("sao kê.csv", bytes).await;
        assert_eq!(status, Status::SeeOther, "{columns}");
        let (_, html) = self.get(&columns).await;
        let (status, preview) = self.columns(&columns, &html, &[]).await;
        assert_eq!(status, Status::SeeOther, "{preview}");
        preview
    }

    /// Sends the columns of a page as they stand, but for those given.
    pub async fn columns(
        &self,
        path: &str,
        html: &str,
        other: &[(&str, &str)],
    ) -> (Status, String) {
        let mut fields = Vec::new();
        for name in [
            "date",
            "time",
            "document",
            "reference",
            "text",
            "credit",
            "debit",
            "amount",
            "balance",
            "offset",
        ] {
            fields.push((name, selected(html, name)));
        }
        fields.push(("header_row", input(html, "header_row")));
        fields.push(("dates", checked(html, "dates")));
        fields.push(("amounts", checked(html, "amounts")));
        fields.push(("step", "next".to_owned()));
        for (name, value) in other {
            fields.retain(|(own, _)| own != name);
            fields.push((*name, (*value).to_owned()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post(path, &token(html, path), &fields).await
    }

    /// Sends the form of a preview with a step and further fields, kinds as they stand.
    pub async fn press(&self, path: &str, step: &str, more: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(path).await;
        self.press_on(&html, path, step, more).await
    }

    async fn press_on(
        &self,
        html: &str,
        path: &str,
        step: &str,
        more: &[(&str, &str)],
    ) -> (Status, String) {
        let action = path.split('?').next().unwrap();
        let seen = hidden(html, "seen");
        let mut fields = vec![("step", step), ("seen", seen.as_str())];
        fields.extend_from_slice(more);
        self.post(action, &post_token(html, action), &fields).await
    }

    /// Presses "Ghi sổ" with the right passphrase.
    async fn book(&self, path: &str) -> (Status, String) {
        self.press(path, "record", &[("passphrase", TREASURER.1), ("days", "yes")]).await
    }

    /// The balance of the account, as today's page shows it.
    async fn bank(&self) -> i64 {
        let (_, html) = self.get("/ban/viec").await;
        let (_, rest) = html.split_once("/ban/so-quy/ngan-hang").unwrap();
        digits(rest.split_once("<dd>").unwrap().1.split("</dd>").next().unwrap())
    }
}

#[rocket::async_test]
async fn the_three_banks_are_booked_to_the_dong_and_only_once() {
    let house = House::of_2024().await;
    let mut held = 0;
    for (name, lines, credits) in [
        ("vietcombank.csv", 2243, 1_330_658_182),
        ("agribank.csv", 1028, 727_011_260),
        ("vietinbank.csv", 1000, 738_706_715),
    ] {
        let path = house.bring(&sample(name)).await;
        let (_, html) = house.get(&path).await;
        let all = all_credits(&html);
        assert_eq!(all, (lines, credits), "{name}");
        assert_eq!(to_record(&html), all, "{name}");
        assert!(html.matches("name=\"kind[]\"").count() <= 100, "a page has a hundred lines");
        let (status, to) = house.book(&path).await;
        assert_eq!((status, to.as_str()), (Status::SeeOther, &*format!("{path}/xong")), "{name}");
        held += credits;
        assert_eq!(house.bank().await, held, "{name}");
        let (_, html) = house.get(&to).await;
        assert!(html.contains("/bn/") && html.contains("/ban/but-toan/"), "{html}");
        assert_eq!(digits(between(&html, "Đã ghi ", " khoản")), all.0);

        // The same file again: nothing of it is new, and nothing is booked.
        let path = house.bring(&sample(name)).await;
        let (_, html) = house.get(&path).await;
        assert!(html.contains("Đúng tệp này đã được nhập"), "{name}");
        assert_eq!((all_credits(&html), to_record(&html)), (all, (0, 0)), "{name}");
        let (status, html) = house.book(&path).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains("Không có khoản nào để ghi"), "{html}");
        assert_eq!(house.bank().await, held, "{name}");
        let (status, _) = house.send(&path, &format!("{path}/bo"), &[]).await;
        assert_eq!(status, Status::SeeOther);
    }
}

#[rocket::async_test]
async fn a_second_click_and_a_late_form_record_nothing_twice() {
    let house = House::at_work().await;
    let path = house.bring(&sample("times-morning.csv")).await;
    let (_, html) = house.get(&path).await;
    let fields = [("passphrase", TREASURER.1)];
    let both = rocket::futures::future::join(
        house.press_on(&html, &path, "record", &fields),
        house.press_on(&html, &path, "record", &fields),
    );
    let (first, second) = both.await;
    let done = (Status::SeeOther, format!("{path}/xong"));
    assert_eq!((&first, &second), (&done, &done));
    assert_eq!(house.press_on(&html, &path, "record", &fields).await, done);
    assert_eq!(house.bank().await, 700_000);
    let (_, html) = house.get(&done.1).await;
    assert!(!html.contains("?trang="), "{html}");
    for gone in [path.clone(), format!("{path}/cot")] {
        let response = house.client.get(gone).dispatch().await;
        assert_eq!(response.headers().get_one("Location"), Some(done.1.as_str()));
    }
}

#[rocket::async_test]
async fn nothing_is_recorded_without_the_passphrase_or_with_another_plan_than_seen() {
    let house = House::at_work().await;
    let path = house.bring(&sample("times-morning.csv")).await;
    for (passphrase, fault) in [("", "#passphrase"), ("con trâu khác", "#passphrase")] {
        let (status, html) = house.press(&path, "record", &[("passphrase", passphrase)]).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains(&format!("href=\"{fault}\"")), "{html}");
        assert!(!html.contains("con trâu khác"), "a passphrase came back");
    }
    // A kind that is changed on the page is taken first, and its totals are shown before signing.
    let (_, html) = house.get(&path).await;
    let changed = [("row[]", "2"), ("kind[]", "custody:mistaken"), ("passphrase", TREASURER.1)];
    let (status, html) = house.press_on(&html, &path, "record", &changed).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("khác với trang bạn vừa xem"), "{html}");
    assert!(html.contains("Giữ hộ: chuyển nhầm"), "{html}");
    assert_eq!(house.bank().await, 0);
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, html) = house.get("/ban/viec").await;
    assert!(html.contains("Nhận giữ hộ"), "{html}");
}

#[rocket::async_test]
async fn kinds_are_chosen_line_by_line_and_for_a_filter_and_travel_over_pages() {
    let house = House::at_work().await;
    let mut file = String::from("Date,DocNo,Details,Credit\n");
    for number in 0..250 {
        let words = if number % 2 == 0 { "ủng hộ bão lũ" } else { "an sinh" };
        file.push_str(&format!("05/11/2026,N{number},{words} {number},1.000\n"));
    }
    let path = house.bring(file.as_bytes()).await;
    let (_, html) = house.get(&format!("{path}?trang=3")).await;
    assert_eq!(html.matches("name=\"kind[]\"").count(), 50, "the last of three pages");
    // One line of the last page, then all lines with a word, on both pages of the filter.
    let line = [("row[]", "251"), ("kind[]", "leave_out:slip"), ("trang", "3")];
    let (status, to) = house.press_on(&html, &path, "page", &line).await;
    assert_eq!(
        (status, to.as_str()),
        (Status::SeeOther, &*format!("{path}?trang=3&loc=&tim=&luu=1"))
    );
    let filter = [("tim", "BAO LU"), ("all_kind", "income:other")];
    let (status, to) = house.press(&path, "all", &filter).await;
    assert_eq!(status, Status::SeeOther);
    let (_, html) = house.get(&to).await;
    assert!(html.contains("125 dòng, trang 1/2"), "{html}");
    assert_eq!(all_credits(&html), (250, 250_000));
    assert_eq!(to_record(&html), (249, 249_000));
    let kinds = totals(&html, BY_KIND);
    assert_eq!(kinds, [(124, 124_000), (125, 125_000), (1, 1_000), (250, 250_000)]);
    let (_, none) = house.press(&path, "all", &[("tim", "an sinh")]).await;
    assert!(none.contains("href=\"#all_kind\""), "{none}");
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{path}/xong?trang=2")).await;
    assert!(html.contains("?trang=3"), "{html}");
    let (_, html) = house.get(&format!("{path}/xong?trang=3")).await;
    assert!(html.contains("Đã bỏ qua 1 khoản"), "{html}");
    assert!(!html.contains("?trang=4"), "nothing comes behind the last page");

    // What was left out is not asked about again, and is taken up when a person says so.
    let path = house.bring(file.as_bytes()).await;
    let (_, html) = house.get(&path).await;
    assert_eq!(to_record(&html), (0, 0));
    let (_, html) = house.get(&format!("{path}?trang=3")).await;
    assert!(html.contains("Lần trước đã bỏ qua dòng này"), "{html}");
    let line = [("row[]", "251"), ("kind[]", "donation"), ("apart[]", "251"), ("trang", "3")];
    house.press_on(&html, &path, "page", &line).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    assert_eq!(house.bank().await, 250_000);
}

#[rocket::async_test]
async fn rows_reordered_and_halves_that_overlap_are_asked_about() {
    let house = House::at_work().await;
    let path = house.bring(&sample("times-morning.csv")).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let path = house.bring(&sample("times-reordered.csv")).await;
    let (_, html) = house.get(&path).await;
    assert_eq!(to_record(&html), (0, 0));
    assert_eq!(totals(&html, BY_STATE), [(5, 700_000), (5, 700_000)], "all perhaps twice");
    house.send(&path, &format!("{path}/bo"), &[]).await;

    let path = house.bring(&sample("times-afternoon.csv")).await;
    let (_, html) = house.get(&path).await;
    assert_eq!(totals(&html, BY_STATE), [(2, 600_000), (3, 400_000), (5, 1_000_000)]);
    assert!(html.contains("Những ngày này đã có dòng được nhập từ tệp khác"), "{html}");
    let (status, html) = house.press(&path, "record", &[("passphrase", TREASURER.1)]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#days\""), "{html}");
    // One of the doubtful lines is another payment, says a person.
    let (_, html) = house.get(&path).await;
    let apart = [("row[]", "2"), ("kind[]", "donation"), ("apart[]", "2")];
    house.press_on(&html, &path, "page", &apart).await;
    assert_eq!(to_record(&house.get(&path).await.1), (3, 650_000));
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    assert_eq!(house.bank().await, 700_000 + 650_000);
}

#[rocket::async_test]
async fn another_export_of_the_same_lines_is_recognised_by_what_it_shares() {
    let house = House::at_work().await;
    let path = house.bring(&sample("numbers-first.csv")).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, today) = house.get("/ban/viec").await;
    let booked = between(&today, "/ban/but-toan/", "\"");
    // Another running balance and no numbers: the words, day and amount stay.
    let other = "Date,Details,Credit,Balance\n05/11/2026,Ung ho DONG BAO,\"50,000\",\"9,000\"\n\
                 05/11/2026,somebody new,\"50,000\",\"59,000\"\n";
    let path = house.bring(other.as_bytes()).await;
    let (_, html) = house.get(&path).await;
    assert_eq!(totals(&html, BY_STATE), [(1, 50_000), (1, 50_000), (2, 100_000)]);
    assert!(html.contains("Cùng ngày, số tiền và nội dung với một dòng đã ghi"), "{html}");
    assert!(html.contains(&format!("/ban/but-toan/{booked}\">#{booked}")), "{html}");
    // The same numbers with another text.
    let other = "Date,DocNo,Details,Credit\n05/11/2026,7003,other words,\"50,000\"\n";
    let (_, html) = house.get(&house.bring(other.as_bytes()).await).await;
    assert!(html.contains("số chứng từ với một dòng đã ghi"), "{html}");
}

#[rocket::async_test]
async fn a_reversed_entry_gives_its_line_free() {
    let house = House::at_work().await;
    let file = sample("numbers-first.csv");
    let path = house.bring(&file).await;
    let (_, done) = house.book(&path).await;
    let (_, html) = house.get(&done).await;
    let seq = between(&html, "/ban/but-toan/", "\"").to_owned();
    let fields = [
        ("of", seq.as_str()),
        ("date", "20/11/2026"),
        ("reason", "mistyped"),
        ("words", "Nhầm quỹ"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
    let path = house.bring(&file).await;
    assert_eq!(to_record(&house.get(&path).await.1), (0, 0), "not before it is approved");
    house.approve(&draft).await;
    assert_eq!(to_record(&house.get(&path).await.1), (1, 100_000));
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    assert_eq!(house.bank().await, 250_000);
    assert_eq!(to_record(&house.get(&house.bring(&file).await).await.1), (0, 0));
}

#[rocket::async_test]
async fn a_bad_row_anywhere_books_nothing_and_is_named() {
    let house = House::at_work().await;
    for (name, row, words) in [
        ("bad-late-row.csv", "Dòng 10000, cột", "row-"),
        ("ragged.csv", "Dòng 3, cột", "dòng tiêu đề có 4 ô"),
        ("header-only.csv", "Dòng 1, cột", "không có dòng nào"),
    ] {
        let (status, columns) = house.upload(name, &sample(name)).await;
        assert_eq!(status, Status::SeeOther, "{name}: {columns}");
        let (_, html) = house.get(&columns).await;
        let (status, html) = house.columns(&columns, &html, &[]).await;
        assert_eq!(status, Status::UnprocessableEntity, "{name}");
        assert!(html.contains(row), "{name}: {html}");
        assert!(words == "row-" || html.contains(words), "{name}: {html}");
        let preview = columns.trim_end_matches("/cot");
        let response = house.client.get(preview.to_owned()).dispatch().await;
        assert_eq!(response.headers().get_one("Location"), Some(columns.as_str()));
        house.send(START, &format!("{preview}/bo"), &[]).await;
    }
    assert_eq!(house.bank().await, 0);
}

#[rocket::async_test]
async fn files_that_are_no_table_are_refused_where_they_are_chosen() {
    let house = House::at_work().await;
    for (bytes, words) in [
        (sample("empty.csv"), "Tệp trống"),
        (sample("unclosed-quote.csv"), "dấu ngoặc kép mở ở đây"),
        (sample("one-huge-cell.csv"), "ô quá dài"),
        (b"PK\x03\x04 xlsx".to_vec(), "không phải tệp CSV"),
        (b"one\ntwo\n".to_vec(), "không thấy cột thứ hai"),
        (b"a,b\n1,\0".to_vec(), "có ký tự hỏng"),
    ] {
        let (status, html) = house.upload("a.csv", &bytes).await;
        assert_eq!(status, Status::UnprocessableEntity, "{words}");
        assert!(html.contains("href=\"#file\"") && html.contains(words), "{words}: {html}");
    }
    let (_, html) = house.get(START).await;
    assert!(!html.contains("nhập dở"), "nothing was kept");
    let large = vec![b'x'; 49 << 20];
    let (status, html) = house.upload("a.csv", &large).await;
    assert_eq!(status, Status::PayloadTooLarge);
    assert!(html.contains("lớn hơn 48 MB") && html.contains("href=\"#file\""), "{html}");
}

#[rocket::async_test]
async fn encodings_and_separators_give_the_same_preview() {
    let house = House::at_work().await;
    let mut seen = Vec::new();
    for name in [
        "small-utf8.csv",
        "small-utf8-bom.csv",
        "small-utf16le.csv",
        "small-utf16be.csv",
        "small-windows-1258.csv",
        "small-semicolon-lone-cr.csv",
        "small-tab-nfd.csv",
    ] {
        let path = house.bring(&sample(name)).await;
        let (_, html) = house.get(&path).await;
        assert!(html.contains("Trần Văn Quế, Đỗ Ước"), "{name}: {html}");
        let figures = (totals(&html, BY_STATE), totals(&html, BY_KIND), hidden(&html, "seen"));
        assert_eq!(all_credits(&html), (3, 1_704_321), "{name}");
        seen.push(figures);
        house.send(START, &format!("{path}/bo"), &[]).await;
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]));
    // The line of the 30th lies after today: nothing is recorded before a person leaves it.
    let path = house.bring(&sample("small-utf8.csv")).await;
    let (status, html) = house.book(&path).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("1 dòng không ghi được, dòng đầu tiên là dòng 5"), "{html}");
    let (_, html) = house.get(&format!("{path}?loc=wrong")).await;
    house.press_on(&html, &path, "page", &[("row[]", "5"), ("kind[]", "later")]).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    assert_eq!(house.bank().await, 1_700_000);
}

#[rocket::async_test]
async fn columns_are_chosen_by_hand_where_no_header_tells() {
    let house = House::at_work().await;
    let file = b"x;y;z\n2026-11-05;ung ho;+100.000\n2026-11-06;thu phi;-11.000\n";
    let (_, columns) = house.upload("a.csv", file).await;
    let (_, html) = house.get(&columns).await;
    assert!(html.contains("Không nhận ra dòng tiêu đề"), "{html}");
    let (status, html) = house.columns(&columns, &html, &[]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    for field in ["date", "text", "credit", "dates", "amounts"] {
        assert!(html.contains(&format!("href=\"#{field}\"")), "{field}: {html}");
    }
    let chosen = [
        ("date", "0"),
        ("text", "1"),
        ("amount", "2"),
        ("dates", "import-dates-ymd"),
        ("amounts", "import-amounts-grouped"),
    ];
    for (name, value, fault) in [
        ("text", "0", "#text"),
        ("text", "99", "#text"),
        ("credit", "1", "#credit"),
        ("header_row", "17", "#header_row"),
    ] {
        let mut wrong = chosen.to_vec();
        wrong.retain(|(own, _)| *own != name);
        wrong.push((name, value));
        let (status, html) = house.columns(&columns, &house.get(&columns).await.1, &wrong).await;
        assert_eq!(status, Status::UnprocessableEntity, "{name}={value}");
        assert!(html.contains(&format!("href=\"{fault}\"")), "{name}={value}: {html}");
    }
    let (_, html) = house.get(&columns).await;
    let (status, path) = house.columns(&columns, &html, &chosen).await;
    assert_eq!(status, Status::SeeOther, "{path}");
    let (_, html) = house.get(&path).await;
    assert_eq!((all_credits(&html), to_record(&html)), ((1, 100_000), (1, 100_000)));
    assert!(html.contains("Ngoài ra 1 dòng tiền ra"), "{html}");
    // Without a row of titles all three rows are lines, and the first is none.
    let (_, html) = house.get(&columns).await;
    let (status, html) = house.columns(&columns, &html, &[("header_row", "0")]).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("Dòng 1, cột A"), "{html}");
}

#[rocket::async_test]
async fn file_names_and_cells_are_text_and_nothing_else() {
    let house = House::at_work().await;
    let file = "Date,Details,Credit\n05/11/2026,\"=HYPERLINK(\"\"http://x\"\") <script>1</script> \
                {{7*7}}\",50.000\n05/11/2026,@SUM(1),70.000\n";
    let long = "d".repeat(300);
    for (name, shown) in [
        ("../../etc/pass\"wd.csv", "pass%22wd.csv"),
        ("<script>alert(1)</script>.csv", "script&gt;.csv"),
        ("a\r\nX-Evil: 1.csv", "a%0D%0AX-Evil: 1.csv"),
        (long.as_str(), &long[..120]),
    ] {
        let (status, columns) = house.upload(name, file.as_bytes()).await;
        assert_eq!(status, Status::SeeOther, "{columns}");
        let (_, html) = house.get(&columns).await;
        assert!(html.contains(shown) && !html.contains("<script>"), "{name}: {html}");
        let (_, path) = house.columns(&columns, &html, &[]).await;
        let (_, html) = house.get(&path).await;
        assert!(html.contains("=HYPERLINK(&quot;http://x&quot;)"), "{html}");
        assert!(html.contains("{{7*7}}") && !html.contains("<script>"), "{html}");
        house.send(START, &format!("{path}/bo"), &[]).await;
    }
}

#[rocket::async_test]
async fn a_statement_is_nobody_elses_and_forged_forms_change_nothing() {
    let house = House::at_work().await;
    let path = house.bring(&sample("times-morning.csv")).await;
    let (_, html) = house.get(&path).await;
    for (name, value) in [("row[]", "99"), ("row[]", "x"), ("kind[]", "gift"), ("fund", "x")] {
        let mut fields = vec![("row[]", "2"), ("kind[]", "donation")];
        fields.retain(|(own, _)| *own != name);
        fields.push((name, value));
        let (status, _) = house.press_on(&html, &path, "page", &fields).await;
        assert_eq!(status, Status::BadRequest, "{name}={value}");
    }
    for fields in [
        vec![("row[]", "2"), ("kind[]", "donation:no-such-fund")],
        vec![("row[]", "2"), ("kind[]", "transfer:ngan-hang")],
        vec![("row[]", "2")],
        vec![("row[]", "2"), ("kind[]", "donation"), ("apart[]", "3")],
    ] {
        let (status, _) = house.press_on(&html, &path, "page", &fields).await;
        assert_eq!(status, Status::BadRequest, "{fields:?}");
    }
    house.sign_in(CHAIR).await;
    for own in [path.clone(), format!("{path}/cot"), format!("{path}/xong")] {
        assert_eq!(house.get(&own).await.0, Status::NotFound, "{own}");
    }
    house.send(START, &format!("{path}/bo"), &[]).await;
    house.sign_in(TREASURER).await;
    assert_eq!(house.get(&path).await.0, Status::Ok, "the chair threw nothing away");
    assert!(house.get(START).await.1.contains("sao kê.csv"));
    // A token of another page, and no session at all.
    let (_, html) = house.get(START).await;
    let wrong = post_token(&html, "/dang-xuat");
    let (status, _) = house.send_file(body(&wrong, "a.csv", b"a,b\n1,2\n")).await;
    assert_eq!(status, Status::Forbidden);
    house.send("/ban/viec", "/dang-xuat", &[]).await;
    let (status, to) = house.send_file(body(&wrong, "a.csv", b"a,b\n1,2\n")).await;
    assert_eq!(status, Status::SeeOther);
    assert!(to.starts_with("/dang-nhap"), "{to}");
}

#[rocket::async_test]
async fn a_refused_line_books_nothing_of_the_file() {
    let house = House::at_work().await;
    // Money is said to come from the cash box, which is empty: the books refuse the second row.
    let file = "Date,DocNo,Details,Credit\n05/11/2026,1,a,1.000\n06/11/2026,2,b,2.000\n";
    let path = house.bring(file.as_bytes()).await;
    let (_, html) = house.get(&path).await;
    let line = [("row[]", "3"), ("kind[]", "transfer:cash")];
    house.press_on(&html, &path, "page", &line).await;
    let (status, html) = house.book(&path).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("Dòng 3 không vào sổ được"), "{html}");
    assert_eq!(house.bank().await, 0);
    assert_eq!(to_record(&html), (2, 3_000), "everything is still there to be mended");
    let (_, html) = house.get(&path).await;
    house.press_on(&html, &path, "page", &[("row[]", "3"), ("kind[]", "donation")]).await;
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    assert_eq!(house.bank().await, 3_000);
}

#[rocket::async_test]
async fn what_a_statement_says_is_shown_with_its_name_and_said_to_be_gone_once_it_is() {
    let house = House::at_work().await;
    let path = house.bring(&sample("times-morning.csv")).await;
    let (_, html) = house.get(&path).await;
    assert!(html.contains("Chuyển tiền từ: Tiền mặt<"), "{html}");
    assert_eq!(house.book(&path).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{path}/xong")).await;
    let seq = between(&html, "/ban/but-toan/", "\"").to_owned();
    let page = format!("/ban/but-toan/{seq}?rieng=1");
    let (_, html) = house.get(&page).await;
    for name in ["Nội dung chuyển khoản: ", "Dòng sao kê: "] {
        assert!(html.contains(name), "{name}: {html}");
    }
    let (status, draft) = house.erase(&format!("so={seq}"), &erasure::ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Thông tin riêng của chứng từ này đã được xóa"), "{html}");
}
