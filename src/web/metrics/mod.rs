//! Numbers for whoever watches the machine, in the format of Prometheus (OpenMetrics).
//!
//! INVARIANT: no private data and no addresses as people typed them. Labels are templates of
//! routes, words of closed lists and identities of ledgers kept here, so there are only so many.
//!
//! | file | what it is |
//! |---|---|
//! | this one | what is counted while the site serves |
//! | [`gathered`] | what is asked when somebody asks |
//! | [`port`] | the port of its own, on the loopback |

pub mod gathered;
pub mod port;

use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Method;
use rocket::{Data, Request, Response};

use super::cache::hook;
use super::config::Config;

/// Names and values of labels.
type Labels<const N: usize> = [(&'static str, String); N];

/// Upper bounds of the times of answers, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// What is counted. A copy counts the same.
#[derive(Clone, Debug)]
pub struct Meters {
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    sign_ins: Family<Labels<1>, Counter>,
}

/// How a try to sign in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The officer is in.
    Welcome,
    /// Wrong name, wrong passphrase, or a closed account: nobody is told which.
    Refused,
    /// Too many tries before it.
    Throttled,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            sign_ins: Family::default(),
        }
    }
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Meters {
    /// Counts a try to sign in.
    pub fn sign_in(&self, how: SignIn) {
        let word = match how {
            SignIn::Welcome => "welcome",
            SignIn::Refused => "refused",
            SignIn::Throttled => "throttled",
        };
        self.sign_ins.get_or_create(&[("result", word.to_owned())]).inc();
    }

    /// Puts the counters among those of a registry; they go on counting.
    fn register(&self, registry: &mut Registry) {
        let help = "Answers by template of the route, method and class of status";
        registry.register("requests", help, self.requests.clone());
        let help = "Seconds to the beginning of the answer";
        registry.register("request_seconds", help, self.seconds.clone());
        let help = "Tries to sign in, by how they ended";
        registry.register("sign_ins", help, self.sign_ins.clone());
    }

    fn answered(&self, request: &Request<'_>, status: u16, began: Instant) {
        let route = route(request, status);
        let class = match status {
            100..=599 => format!("{}xx", status / 100),
            _ => "other".to_owned(),
        };
        let method = match request.method() {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            _ => "other",
        };
        self.seconds
            .get_or_create(&[("route", route.clone())])
            .observe(began.elapsed().as_secs_f64());
        let labels = [("route", route), ("method", method.to_owned()), ("status", class)];
        self.requests.get_or_create(&labels).inc();
    }
}

/// The template of the route that answered: one of the source, never what somebody typed.
fn route(request: &Request<'_>, status: u16) -> String {
    match request.route() {
        Some(route) if hook::is_look(route) && status < 400 => "(kept)".to_owned(),
        Some(route) if hook::is_look(route) => "(none)".to_owned(),
        Some(route) => {
            let template = route.uri.to_string();
            template.split('?').next().unwrap_or_default().to_owned()
        }
        None => "(none)".to_owned(),
    }
}

/// The fairing that counts answers and how long they took.
pub struct Timing;

/// When a request came in.
struct Began(Instant);

#[rocket::async_trait]
impl Fairing for Timing {
    fn info(&self) -> Info {
        Info { name: "timing", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Began(Instant::now()));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(config) = request.rocket().state::<Config>() else { return };
        let began = request.local_cache(|| Began(Instant::now())).0;
        config.meters.answered(request, response.status().code, began);
    }
}
