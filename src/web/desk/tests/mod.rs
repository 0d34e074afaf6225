//! The desk over `rocket::local`, each test with a store of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod admin;
mod at_once;
mod audit;
mod away;
mod backups;
mod clock;
mod complaints;
mod continued;
mod erasure;
mod families;
mod finding;
mod founding;
mod giving;
mod goods;
mod goods_papers;
mod hostile;
mod imports;
mod journeys;
mod kept;
mod legal_names;
mod lending;
mod lists;
mod matrix;
mod names;
mod notices;
mod papers;
mod people;
mod planted;
mod publication;
mod round_goods;
mod rounds;
mod second_device;
mod sessions;
mod shown;
mod slips;
mod small_disk;
mod sponsors;
mod sponsors_at_once;
mod sponsors_odd;
mod typed;

use std::sync::Mutex;
use std::time::Duration;

use rocket::http::{ContentType, Cookie, CookieJar, Header, Status};
use rocket::local::asynchronous::{Client, LocalResponse};

use crate::ledger::word::Origin;
use crate::store::desk::sealing::Sealer;
use crate::store::{Store, StoreConfig};
use crate::web::desk::imports::going::Going;
use crate::web::guards::FormSecret;
use crate::web::{BaseUrl, Clock, Config, figment, site};

const BASE: &str = "http://localhost:8000";
const TREASURER: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");
const CHAIR: (&str, &str) = ("minh.chutich", "ao sâu nước cả khôn chài cá");
const DEPUTY: (&str, &str) = ("hoa.phochu", "vườn rộng rào thưa khó đuổi gà");

/// What a browser's own button does: the client's jar takes cookies from answers alone.
#[rocket::get("/forget")]
fn forget(jar: &CookieJar<'_>) {
    for name in ["minhbach", "minhbach-form"] {
        jar.remove(Cookie::build(name).path("/"));
    }
}

/// A site with an empty store. The folder goes when the house goes.
struct House {
    client: Client,
    clock: Clock,
    folder: tempfile::TempDir,
    seat: Mutex<Seat>,
}

/// At which chapter the house works, and who records and approves there.
#[derive(Clone)]
struct Seat {
    /// None: the one that was founded first.
    chapter: Option<Origin>,
    treasurer: (&'static str, &'static str),
    chair: (&'static str, &'static str),
}

async fn house() -> House {
    house_at(BASE).await
}

async fn house_at(base: &str) -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    let clock = Clock::stopped("2026-11-20T03:00:00Z".parse().unwrap());
    let mut config = Config::new(BaseUrl::parse(base).unwrap());
    config.clock = clock.clone();
    config.sealer = Sealer::cheap_for_tests();
    let rocket = site(config, figment().merge(("log_level", "off"))).manage(store);
    let rocket = rocket.mount("/", rocket::routes![forget]);
    let client = Client::tracked(rocket).await.unwrap();
    // A slow machine is no reason to let a file go on behind its request.
    client.rocket().state::<Going>().unwrap().set_patience(Duration::from_secs(300));
    let seat = Seat { chapter: None, treasurer: TREASURER, chair: CHAIR };
    House { client, clock, folder, seat: Mutex::new(seat) }
}

impl House {
    /// A house with a founded chapter.
    async fn founded() -> Self {
        Self::founded_with(&[]).await
    }

    /// The same with other values in the form.
    async fn founded_with(changes: &[(&'static str, &'static str)]) -> Self {
        let house = house().await;
        let mut form = setup_form();
        for (name, value) in changes {
            form.iter_mut().filter(|(own, _)| own == name).for_each(|field| field.1 = value);
        }
        let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
        assert_eq!(status, Status::Ok, "{html}");
        house
    }

    async fn get(&self, path: &str) -> (Status, String) {
        let response = self.client.get(path.to_owned()).dispatch().await;
        (response.status(), response.into_string().await.unwrap_or_default())
    }

    /// Fetches the page of a form, and sends the fields with its token.
    async fn send(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(page).await;
        self.post(action, &token(&html, action), fields).await
    }

    /// The body, or the address that the answer leads to.
    async fn post(&self, action: &str, token: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let response = self.post_raw(action, token, fields).await;
        let (status, location) =
            (response.status(), response.headers().get_one("Location").map(str::to_owned));
        match location {
            Some(location) => (status, location),
            None => (status, response.into_string().await.unwrap_or_default()),
        }
    }

    async fn post_raw<'c>(
        &'c self,
        action: &str,
        token: &str,
        fields: &[(&str, &str)],
    ) -> LocalResponse<'c> {
        let mut body = format!("token={token}");
        for (name, value) in fields {
            let value = rocket::http::RawStr::new(*value).percent_encode().to_string();
            body.push_str(&format!("&{}={value}", name.replace("[]", "%5B%5D")));
        }
        self.client
            .post(action.to_owned())
            .header(ContentType::Form)
            .header(Header::new("Origin", BASE))
            .body(body)
            .dispatch()
            .await
    }

    fn seat(&self) -> Seat {
        self.seat.lock().unwrap().clone()
    }

    async fn sign_in(&self, (name, passphrase): (&str, &str)) {
        let chapter = self.seat().chapter.map(|own| own.to_string()).unwrap_or_default();
        let fields = [("chapter", &*chapter), ("name", name), ("passphrase", passphrase)];
        let (status, to) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/viec"));
    }

    /// The browser forgets its cookies; the sessions behind them go on.
    async fn forget(&self) {
        self.client.get("/forget").dispatch().await;
        assert!(self.client.cookies().get("minhbach").is_none());
    }

    /// Sends a slip whole: the echo, then the recording. Where it led.
    async fn slip(&self, path: &str, query: &str, fields: &[(&str, &str)]) -> String {
        let (status, html) = self.get(&format!("{path}{query}")).await;
        assert_eq!(status, Status::Ok, "{path}: {html}");
        let (id, token) = (hidden(&html, "id"), token(&html, path));
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        let (status, html) = self.post(path, &token, &all).await;
        assert_eq!(status, Status::Ok, "{path}: {html}");
        assert!(html.contains("value=\"record\""), "no echo: {html}");
        all.push(("step", "record"));
        let (status, to) = self.post(path, &token, &all).await;
        assert_eq!(status, Status::SeeOther, "{path}: {to}");
        to
    }

    /// The chair approves a draft that waits, and the treasurer signs in again.
    async fn approve(&self, draft: &str) -> String {
        let Seat { treasurer, chair, .. } = self.seat();
        self.sign_in(chair).await;
        let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
        let fields = [("draft[]", id.as_str()), ("passphrase", chair.1)];
        let page = format!("/ban/duyet/{id}");
        let (status, to) = self.send(&page, "/ban/duyet", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        self.sign_in(treasurer).await;
        to
    }
}

/// The entry that an answer leads to.
fn seq_of(to: &str) -> u64 {
    to.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap().parse().unwrap()
}

/// The token of the form with this action.
fn token(html: &str, action: &str) -> String {
    let after = html.split_once(&format!("action=\"{action}\"")).map_or("", |(_, rest)| rest);
    let (_, rest) = after.split_once("name=\"token\" value=\"").unwrap_or(("", ""));
    rest.get(..64).unwrap_or_default().to_owned()
}

/// The value of a hidden field.
fn hidden(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or(("", ""));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn setup_form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Hội Chữ thập đỏ phường Xuân Tây"),
        ("slug", "xuan-tay"),
        ("host", ""),
        ("books_from", "01/11/2026"),
        ("bank_name", "VietinBank"),
        ("bank_account", "101010101010"),
        ("treasurer_title", "Thủ quỹ"),
        ("treasurer_name", TREASURER.0),
        ("treasurer_pass", TREASURER.1),
        ("treasurer_again", TREASURER.1),
        ("chair_title", "Chủ tịch Hội"),
        ("chair_name", CHAIR.0),
        ("chair_pass", CHAIR.1),
        ("chair_again", CHAIR.1),
        ("third", "deputy"),
        ("third_title", "Phó Chủ tịch Hội"),
        ("third_name", DEPUTY.0),
        ("third_pass", DEPUTY.1),
        ("third_again", DEPUTY.1),
    ]
}

fn gift(amount: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("date", "19/11/2026"),
        ("donor_type", "person"),
        ("donor_name", "Nguyễn Thị Hạnh"),
        ("donor_address", ""),
        ("note", "Ủng hộ tháng 11"),
        ("amount", amount),
        ("method", "cash"),
        ("place", "cash"),
        ("fund", "chung"),
        ("received_on", ""),
        ("paper_no", ""),
    ]
}

fn cost(amount: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("date", "20/11/2026"),
        ("payee_type", "firm"),
        ("payee_name", "Nhà in Xuân Tây"),
        ("category", "printing"),
        ("note", ""),
        ("amount", amount),
        ("place", "cash"),
        ("fund", "chung"),
        ("programme", ""),
        ("paper_no", ""),
    ]
}
