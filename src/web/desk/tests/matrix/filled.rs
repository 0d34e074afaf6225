//! The forms, filled in.

use super::forms::{DAY, Form, slip};
use super::furnishing::{HERE, Ids, THERE};
use super::*;

/// Drafts that wait.
pub fn of_drafts(here: &Ids, there: &Ids) -> Vec<Form> {
    let page = format!("/ban/duyet/{}", here.draft);
    let draft = [("draft[]", there.draft.as_str())];
    let away = "/ban/duyet/ky-ngoai";
    let back = format!("/ban/duyet/{}", here.stock_counted);
    vec![
        Form::new(away, &[("draft[]", &here.draft)])
            .to("/ban/duyet/ky-ngoai/tep")
            .by(CHAIR)
            .foreign(&draft)
            .done(200),
        Form::new(&back, &[("reason", "Thiếu hóa đơn")])
            .to(&format!("{back}/tra-lai"))
            .by(CHAIR)
            .elsewhere((&here.stock_counted, &there.stock_counted)),
        Form::new(&page, &[("draft[]", &here.draft), ("passphrase", CHAIR.1)])
            .to("/ban/duyet")
            .by(CHAIR)
            .foreign(&draft),
    ]
}

/// Vouchers: about an entry, a person, a place, a fund.
pub fn of_slips(here: &Ids, there: &Ids) -> Vec<Form> {
    let beyond = (there.size - 1).to_string();
    let of = |path: &str| format!("{path}?so={}", here.entry);
    let mut given = gift("10000");
    given.push(("sponsor", ""));
    let codes = [("fund", &*there.fund), ("place", &*there.place), ("sponsor", &*there.plan)];
    let reversed = [
        ("of", here.entry.as_str()),
        ("date", DAY),
        ("reason", "mistyped"),
        ("words", ""),
        ("note", ""),
    ];
    let paid = [("fund", &*there.fund), ("place", &*there.place)];
    let retired = [("date", DAY), ("person", here.officer.as_str()), ("note", "")];
    vec![
        slip("/ban/phieu-thu", &given, &codes),
        slip("/ban/chi-phi", &cost("1000"), &paid),
        slip(&of("/ban/but-toan-dao"), &reversed, &[("of", &beyond)]),
        slip("/ban/quan-tri/thoi-nhiem", &retired, &[("person", &there.officer)]),
        slip("/ban/quan-tri/doi-khoa", &retired, &[("person", &there.officer)]),
    ]
}

/// Rounds of distribution.
pub fn of_rounds(here: &Ids, there: &Ids) -> Vec<Form> {
    let page = format!("/ban/dot-cap-phat/{}", here.round);
    let both = (here.round.as_str(), there.round.as_str());
    let chosen = [
        ("family[]", here.family.as_str()),
        ("amount", "100.000"),
        ("reason", ""),
        ("step", "ticked"),
    ];
    let listed = [("page", "1"), ("family[]", here.family.as_str()), ("amount[]", "120.000")];
    let terms = [
        ("date", DAY),
        ("amount", "100.000"),
        ("place", "cash"),
        ("fund", "chung"),
        ("store", ""),
        ("goods_fund", ""),
    ];
    let codes = [("fund", &*there.fund), ("place", &*there.place)];
    let absent = [("date", DAY), ("page", "1"), ("family[]", here.family.as_str())];
    vec![
        Form::new(&page, &terms)
            .to(&format!("{page}/thong-tin"))
            .hiding(&["version"])
            .foreign(&codes)
            .elsewhere(both),
        Form::new(&format!("{page}/chon"), &chosen)
            .hiding(&["version"])
            .foreign(&[("family[]", &there.family)])
            .elsewhere(both),
        Form::new(&page, &listed)
            .to(&format!("{page}/danh-sach"))
            .hiding(&["version"])
            .elsewhere(both),
        Form::new(&page, &[("page", "1"), ("off[]", &here.family)])
            .to(&format!("{page}/danh-sach"))
            .hiding(&["version"])
            .foreign(&[("off[]", &there.family)])
            .gone(),
        // Nobody was handed anything yet.
        Form::new(&page, &absent)
            .to(&format!("{page}/vang-mat"))
            .hiding(&["version"])
            .foreign(&[("family[]", &there.family)])
            .elsewhere(both)
            .done(422),
        // The list is empty again.
        Form::new(&page, &[])
            .to(&format!("{page}/lap-phieu"))
            .hiding(&["version"])
            .elsewhere(both)
            .done(422),
        Form::new(&page, &[]).to(&format!("{page}/bo")).hiding(&["version"]).elsewhere(both),
    ]
}

/// Sponsorship.
pub fn of_sponsors(here: &Ids, there: &Ids) -> Vec<Form> {
    let page = format!("/ban/do-dau/{}", here.plan);
    let both = (here.plan.as_str(), there.plan.as_str());
    let plan = [
        ("sponsor", here.sponsor.as_str()),
        ("family[]", HERE.family),
        ("amount[]", "200.000"),
        ("every", "month"),
        ("from", "01/11/2026"),
        ("fund", here.sponsored.as_str()),
        ("programme", "tet"),
        ("notes", ""),
    ];
    let foreign = [
        ("sponsor", there.sponsor.as_str()),
        ("family[]", THERE.family),
        ("fund", there.sponsored.as_str()),
    ];
    let matched = [("take[]", here.offered.as_str()), ("from", ""), ("amount", "")];
    let of = |part: &str, fields: &[(&'static str, &str)]| {
        let form = Form::new(&page, fields).to(&format!("{page}/{part}"));
        form.hiding(&["version"]).elsewhere(both)
    };
    vec![
        Form::new("/ban/do-dau/moi", &plan).hiding(&["id"]).foreign(&foreign),
        Form::new(&format!("{page}/khop"), &matched)
            .hiding(&["version"])
            .foreign(&[("take[]", &there.offered)])
            .elsewhere(both),
        of("go-khop", &[("match[]", &here.offered)]).foreign(&[("match[]", &there.offered)]).gone(),
        of("ma", &[("step", "make")]),
        of("trang-thai", &[("step", "pause"), ("on", DAY), ("reason", "")]),
    ]
}

/// Loans.
pub fn of_loans(here: &Ids, there: &Ids) -> Vec<Form> {
    let asked = (here.application.as_str(), there.application.as_str());
    let page = |part: &str| format!("/ban/vay/{}/{part}", here.application);
    let new = [
        ("borrower", HERE.family),
        ("asked_on", DAY),
        ("purpose", "livestock"),
        ("wanted", "1.000.000"),
        ("words", "Mua gà"),
        ("guarantor", "Khúc Thị Lá Dong"),
        ("guarantor_phone", ""),
        ("leads", "no"),
        ("group", ""),
    ];
    let visit = [
        ("on", DAY),
        ("income", "3.000.000"),
        ("can_pay", ""),
        ("words", "Chăm chỉ"),
        ("advises", "yes"),
    ];
    let rows = [("rows", "20/12/2026 2.750.000"), ("words", "Mất mùa")];
    let later = format!("/ban/vay/{}/gian-no", here.loan);
    let terms = lending::terms("1.000.000", "2", "lay");
    vec![
        Form::new("/ban/vay/moi", &new).hiding(&["id"]).foreign(&[("borrower", THERE.family)]),
        Form::new(&page("tham-dinh"), &visit).hiding(&["version"]).elsewhere(asked),
        Form::new(&page("phuong-an"), &terms)
            .hiding(&["version", "id"])
            .foreign(&[("fund", &there.sponsored)])
            .elsewhere(asked),
        Form::new(&later, &rows).hiding(&["version", "id"]).elsewhere((&here.loan, &there.loan)),
    ]
}

/// Whose private values are kept: families, donors, complaints.
pub fn of_people(here: &Ids, there: &Ids) -> Vec<Form> {
    let [own, theirs] = [here, there].map(|ids| format!("person:{}", ids.family));
    let beyond = (there.size - 1).to_string();
    let held = [
        ("of", ""),
        ("person", here.family.as_str()),
        ("subject[]", own.as_str()),
        ("class", "request"),
        ("paper", ""),
        ("step", "restrict"),
    ];
    let page = format!("/ban/xoa-thong-tin?nguoi={}", here.family);
    let told = (here.complaint.as_str(), there.complaint.as_str());
    let complaint = format!("/ban/phan-anh/{}", here.complaint);
    let answer = [("answer", "Đã kiểm tra."), ("summary", "Hỏi về sổ"), ("reply", "Đã trả lời.")];
    let name = format!("/ban/but-toan/{}/ten", here.entry);
    let agreed = [("name", "full_name"), ("given_on", DAY), ("how", "Ký giấy")];
    let family = [("member_name[]", HERE.family), ("phone", HERE.phone)];
    let own_entry = format!("/{}/", here.entry);
    let of = |part: &str, fields: &[(&'static str, &str)]| {
        let form = Form::new(&complaint, fields).to(&format!("{complaint}/{part}"));
        form.hiding(&["version"]).elsewhere(told)
    };
    vec![
        Form::new(&format!("/ban/so-ho/{}/sua", here.family), &family)
            .hiding(&["version"])
            .elsewhere((&here.family, &there.family)),
        Form::new(&page, &held).hiding(&["id"]).foreign(&[
            ("of", &beyond),
            ("person", &there.family),
            ("subject[]", &theirs),
        ]),
        of("nhan", &[]),
        of("tra-loi", &answer),
        Form::new(&name, &agreed).hiding(&["seen"]).elsewhere((&own_entry, &format!("/{beyond}/"))),
    ]
}

/// How people give, the notice board, officers.
pub fn of_the_chapter(here: &Ids, there: &Ids) -> Vec<Form> {
    let fund = format!("/ban/ung-ho/{}", here.fund);
    let sheet = format!("/ban/niem-yet/{}", here.sheet);
    let officer = format!("/ban/quan-tri/can-bo/{}", here.officer);
    let given = [
        ("open", "yes"),
        ("name", "tet am"),
        ("place", ""),
        ("turn", "5"),
        ("greeting_vi", ""),
        ("greeting_en", ""),
    ];
    let note = [("posted_on", DAY), ("until_on", "20/12/2026"), ("place", "Nhà văn hóa")];
    vec![
        Form::new(&fund, &given)
            .hiding(&["version"])
            .foreign(&[("place", &there.place)])
            .elsewhere((&here.fund, &there.fund)),
        Form::new(&sheet, &note).hiding(&["id"]).elsewhere((&here.sheet, &there.sheet)),
        Form::new(&officer, &[("passphrase", CHAIR.1)])
            .to(&format!("{officer}/dat-lai"))
            .by(CHAIR)
            .elsewhere((&here.officer, &there.officer))
            .done(200),
    ]
}

/// Statements and lists under way.
pub fn of_files(here: &Ids, there: &Ids) -> Vec<Form> {
    let statement = format!("/ban/nhap-tep/{}", here.statement);
    let list = format!("/ban/nhap-so-ho/{}", here.list);
    let columns = [("header_row", "1"), ("name", "1"), ("birth", "2")];
    vec![
        Form::new(&statement, &[("step", "record"), ("passphrase", TREASURER.1), ("days", "yes")])
            .hiding(&["seen"])
            .elsewhere((&here.statement, &there.statement)),
        Form::new(&format!("{list}/cot"), &columns).elsewhere((&here.list, &there.list)),
        Form::new(&list, &[("page", "1"), ("step", "record")])
            .hiding(&["seen"])
            .elsewhere((&here.list, &there.list)),
    ]
}
