//! A server that only reads: everything public, and neither desk nor forms.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Method;
use rocket::{Data, Request};

use super::config::Config;
use super::fault::Fault;

/// The first parts of the paths of those who sign in.
const DESK: [&str; 4] = ["ban", "dang-nhap", "dang-xuat", "thiet-lap"];

/// Answers what a server that only reads does not do with the address of the one that does.
///
/// Such a request is turned to a method that has no routes, and its fault is left for the catcher.
pub struct OnlyReads;

#[rocket::async_trait]
impl Fairing for OnlyReads {
    fn info(&self) -> Info {
        Info { name: "only reads", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _data: &mut Data<'_>) {
        let Some(config) = request.rocket().state::<Config>() else { return };
        let Some(desk) = &config.desk else { return };
        let reads = matches!(request.method(), Method::Get | Method::Head);
        if reads && !is_of_the_desk(request) {
            return;
        }
        let fault = Fault::Elsewhere(desk.origin().to_owned());
        request.set_method(Method::Trace);
        fault.refuse(request);
    }
}

fn is_of_the_desk(request: &Request<'_>) -> bool {
    let first = request.uri().path().segments().next();
    first.is_some_and(|first| DESK.contains(&first))
}
