//! Every route of the desk × who calls it, generated from the route list: a route that is missing
//! here fails.

use std::collections::BTreeMap;

use rocket::http::{ContentType, Header, Method};

use super::*;

/// What nobody, a treasurer and a chair get of a route whose page or form is empty. 200 is a page,
/// 303 the way to sign in, 401 a form that came too late, 403 a form without its token, 404
/// nothing.
fn expected() -> BTreeMap<(&'static str, &'static str), [u16; 3]> {
    let mut all = BTreeMap::from([
        (("GET", "/thiet-lap"), [404, 404, 404]),
        (("POST", "/thiet-lap"), [403, 403, 403]),
        (("GET", "/dang-nhap"), [200, 200, 200]),
        (("POST", "/dang-nhap"), [403, 403, 403]),
        (("POST", "/dang-xuat"), [403, 403, 403]),
        (("POST", "/ban/<_..>"), [401, 404, 404]),
        (("GET", "/ban/viec"), [303, 200, 200]),
        (("GET", "/ban/but-toan/<seq>"), [303, 404, 404]),
        (("GET", "/ban/so-quy/<place>"), [303, 404, 404]),
        (("GET", "/ban/quy"), [303, 200, 200]),
        (("GET", "/ban/duyet"), [303, 200, 200]),
        (("POST", "/ban/duyet"), [401, 403, 403]),
        (("GET", "/ban/duyet/<id>"), [303, 404, 404]),
        (("POST", "/ban/duyet/<id>/tra-lai"), [401, 403, 403]),
        (("POST", "/ban/duyet/<id>/rut"), [401, 403, 403]),
        (("GET", "/ban/khoa-so"), [303, 200, 200]),
        (("POST", "/ban/khoa-so"), [401, 403, 403]),
        (("GET", "/ban/nhap-tep"), [303, 200, 200]),
        // A form of another type than the one with a file.
        (("POST", "/ban/nhap-tep"), [401, 400, 400]),
        (("POST", "/ban/nhap-tep/<id>/bo"), [401, 403, 403]),
        (("GET", "/ban/nhap-tep/<id>/cot"), [303, 404, 404]),
        (("POST", "/ban/nhap-tep/<id>/cot"), [401, 403, 403]),
        (("GET", "/ban/nhap-tep/<id>"), [303, 404, 404]),
        (("POST", "/ban/nhap-tep/<id>"), [401, 403, 403]),
        (("GET", "/ban/nhap-tep/<id>/xong"), [303, 404, 404]),
        (("GET", "/ban/kiem-ke/<id>/bien-ban"), [303, 404, 404]),
        (("GET", "/ban/bao-cao"), [303, 200, 200]),
        (("POST", "/ban/bao-cao"), [401, 403, 403]),
        (("GET", "/ban/kiem-tra"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/so-hieu"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/but-toan-dao"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/khoa-so"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/mo-xem"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/so.csv"), [303, 200, 200]),
        (("GET", "/ban/kiem-tra/ket-luan"), [303, 403, 403]),
        (("POST", "/ban/kiem-tra/ket-luan"), [401, 403, 403]),
        (("GET", "/ban/nha-hao-tam"), [303, 200, 200]),
        (("GET", "/ban/but-toan/<seq>/ten"), [303, 404, 404]),
        (("POST", "/ban/but-toan/<seq>/ten"), [401, 403, 403]),
        (("POST", "/ban/but-toan/<seq>/ten/rut"), [401, 403, 403]),
        (("GET", "/ban/xoa-thong-tin"), [303, 200, 200]),
        (("POST", "/ban/xoa-thong-tin"), [401, 403, 403]),
        (("GET", "/ban/quan-tri"), [303, 200, 200]),
        (("GET", "/ban/quan-tri/loi-moi/<id>"), [303, 404, 404]),
        (("POST", "/ban/quan-tri/loi-moi/<id>/duong-dan"), [401, 403, 403]),
        (("POST", "/ban/quan-tri/loi-moi/<id>/ky"), [401, 403, 403]),
        (("POST", "/ban/quan-tri/loi-moi/<id>/huy"), [401, 403, 403]),
        (("GET", "/ban/quan-tri/giam-ho"), [303, 200, 200]),
        (("POST", "/ban/quan-tri/giam-ho"), [401, 403, 403]),
        (("GET", "/ban/quan-tri/tai-khoan"), [303, 200, 200]),
        (("POST", "/ban/quan-tri/tai-khoan"), [401, 403, 403]),
        (("POST", "/ban/quan-tri/tai-khoan/dang-xuat"), [401, 403, 403]),
        (("GET", "/dang-nhap/moi/<secret>"), [404, 404, 404]),
        (("POST", "/dang-nhap/moi/<secret>"), [403, 403, 403]),
    ]);
    for slip in crate::web::desk::slip::ALL {
        let page = if slip.is_about_an_entry() { 404 } else { 200 };
        all.insert(("GET", slip.path), [303, page, page]);
        all.insert(("POST", slip.path), [401, 403, 403]);
    }
    all
}

async fn status(house: &House, method: Method, path: &str) -> u16 {
    let path = path.replace("<seq>", "999").replace("<_..>", "khong-co").replace(['<', '>'], "x");
    let mut request = house.client.req(method, path);
    if method == Method::Post {
        request = request.header(ContentType::Form).header(Header::new("Origin", BASE));
    }
    request.dispatch().await.status().code
}

#[rocket::async_test]
async fn every_route_answers_each_caller_as_the_table_says() {
    let house = House::founded().await;
    let expected = expected();
    let routes = crate::web::desk::routes();
    for route in &routes {
        let known = expected.contains_key(&(route.method.as_str(), route.uri.path()));
        assert!(known, "{} {} is missing in the matrix", route.method, route.uri.path());
    }
    for (who, signs_in) in [(0, None), (1, Some(TREASURER)), (2, Some(CHAIR))] {
        house.forget().await;
        if let Some(officer) = signs_in {
            house.sign_in(officer).await;
        }
        for route in &routes {
            let (method, path) = (route.method, route.uri.path());
            let wanted = expected[&(method.as_str(), path)][who];
            assert_eq!(status(&house, method, path).await, wanted, "{who}: {method} {path}");
        }
    }
}
