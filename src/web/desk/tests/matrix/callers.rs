//! Who calls, and what each of them is let do.

use super::super::people::{
    AUDITOR, CASEWORKER, NEIGHBOUR, NEIGHBOURS_CHAIR, NEIGHBOURS_DEPUTY, SignsIn,
};
use super::rows::Who;
use super::*;

pub const NEIGHBOURS_AUDITOR: SignsIn = ("an.kiemtra", "cây ngay không sợ chết đứng bao giờ");
pub const NEIGHBOURS_CASEWORKER: SignsIn = ("my.canbo", "thương người như thể thương thân ta");
/// Retired while signed in.
pub const RETIRED: SignsIn = ("cuu.thuquy", "lá rụng về cội nước chảy ra sông");
/// With a second step, of which the code is still asked for.
pub const HALFWAY: SignsIn = ("nua.thuquy", "đi một ngày đàng học một sàng khôn");
/// A guardian's account: a key of the ledger, and no office.
pub const GUARDIAN: SignsIn = ("giam.ho", "chị ngã em nâng anh em thuận hòa");

/// Somebody who calls, and the classes that take them in.
pub struct Caller {
    pub name: &'static str,
    signs_in: Option<SignsIn>,
    pub chapter: usize,
    may: &'static [Who],
    /// Whoever made all that lies about at their chapter.
    made_it: bool,
    /// A cookie that goes with each of their requests: they can't get one any more.
    pub cookie: Option<(&'static str, String)>,
    /// Routes that answer them in another way than the table says, and why.
    instead: &'static [((&'static str, &'static str), u16)],
}

const TREASURERS: &[Who] = {
    use Who::{Anybody, Caseworkers, Officers, Recorders, Signers};
    &[Anybody, Officers, Caseworkers, Recorders, Signers]
};
const CHAIRS: &[Who] = {
    use Who::{Anybody, Caseworkers, Heads, Officers, Overseers, Recorders, Signers};
    &[Anybody, Officers, Caseworkers, Recorders, Signers, Heads, Overseers]
};
const DEPUTIES: &[Who] = {
    use Who::{Anybody, Caseworkers, Heads, Officers, Recorders, Signers};
    &[Anybody, Officers, Caseworkers, Recorders, Signers, Heads]
};
const AUDITORS: &[Who] = {
    use Who::{Anybody, Auditors, Officers, Overseers, Signers};
    &[Anybody, Officers, Signers, Auditors, Overseers]
};
const CASEWORKERS: &[Who] = {
    use Who::{Anybody, Caseworkers, Officers};
    &[Anybody, Officers, Caseworkers]
};

/// Half a session leads to its second half, and to nothing else.
const SECOND_HALF: &[((&str, &str), u16)] =
    &[(("GET", "/dang-nhap/ma"), 200), (("POST", "/dang-nhap/ma"), 422)];

impl Caller {
    const fn officer(name: &'static str, signs_in: SignsIn, of: (usize, &'static [Who])) -> Self {
        let (chapter, may) = of;
        let made_it = matches!(name.as_bytes(), b"treasurer" | b"neighbours' treasurer");
        Self { name, signs_in: Some(signs_in), chapter, may, made_it, cookie: None, instead: &[] }
    }

    /// Whom the desk takes for nobody.
    const fn nobody(name: &'static str, cookie: Option<(&'static str, String)>) -> Self {
        let may = &[Who::Anybody];
        Self { name, signs_in: None, chapter: 0, may, made_it: false, cookie, instead: &[] }
    }

    /// Everybody. Nobody comes first: their requests find all as it was furnished.
    pub fn all(kept: &Kept) -> Vec<Self> {
        let half = kept.half.clone();
        let halfway = Self::nobody("halfway", Some(("minhbach-code", half.clone())));
        vec![
            Self::nobody("nobody", None),
            Self::nobody("retired", Some(("minhbach", kept.retired.clone()))),
            Self::nobody("guardian", Some(("minhbach", kept.guardian.clone()))),
            Self { instead: SECOND_HALF, ..halfway },
            Self::nobody("half passed off as whole", Some(("minhbach", half))),
            Self::officer("treasurer", TREASURER, (0, TREASURERS)),
            Self::officer("chair", CHAIR, (0, CHAIRS)),
            Self::officer("deputy", DEPUTY, (0, DEPUTIES)),
            Self::officer("auditor", AUDITOR, (0, AUDITORS)),
            Self::officer("caseworker", CASEWORKER, (0, CASEWORKERS)),
            Self::officer("neighbours' treasurer", NEIGHBOUR, (1, TREASURERS)),
            Self::officer("neighbours' chair", NEIGHBOURS_CHAIR, (1, CHAIRS)),
            Self::officer("neighbours' deputy", NEIGHBOURS_DEPUTY, (1, DEPUTIES)),
            Self::officer("neighbours' auditor", NEIGHBOURS_AUDITOR, (1, AUDITORS)),
            Self::officer("neighbours' caseworker", NEIGHBOURS_CASEWORKER, (1, CASEWORKERS)),
        ]
    }

    pub async fn comes_in(&self, house: &House) {
        house.forget().await;
        house.get("/dang-nhap").await;
        if let Some(signs_in) = self.signs_in {
            let chapters = house.store().chapters();
            house.sign_in_at(&chapters[self.chapter].1, signs_in).await;
        }
    }

    /// Whether the desk knows them.
    pub const fn is_officer(&self) -> bool {
        self.signs_in.is_some()
    }

    /// Whether the table lets them in.
    pub fn may(&self, row: &Row) -> bool {
        self.may.contains(&row.who)
    }

    pub fn wanted(&self, (method, path): (&str, &str), row: &Row, own: bool) -> u16 {
        if let Some((_, code)) = self.instead.iter().find(|(route, _)| *route == (method, path)) {
            return *code;
        }
        match (self.may(row), self.signs_in.is_some(), method) {
            (true, _, _) if !own => 404,
            (true, _, _) if !self.made_it => row.others.unwrap_or(row.answers),
            (true, _, _) => row.answers,
            (false, true, _) => 403,
            (false, false, "GET") => 303,
            (false, false, _) => 401,
        }
    }

    /// Sends a request of theirs: a form has its token, and nothing else in it.
    pub async fn asks(&self, house: &House, method: &str, uri: &str) -> (u16, String) {
        let path = uri.split('?').next().unwrap();
        let cookie = self.cookie.as_ref().filter(|(name, _)| *name == "minhbach");
        let token = match cookie {
            Some((_, value)) => FormSecret::of_session(value).token(path),
            None => house.token_of(path),
        };
        let method: rocket::http::Method = method.parse().unwrap();
        let mut request = house.client.req(method, uri.to_owned());
        if method == rocket::http::Method::Post {
            let request_of = request.header(ContentType::Form).header(Header::new("Origin", BASE));
            request = request_of.body(format!("token={token}"));
        }
        if let Some((name, value)) = &self.cookie {
            request = request.cookie(Cookie::new(*name, value.clone()));
        }
        let response = request.dispatch().await;
        (response.status().code, response.into_string().await.unwrap_or_default())
    }
}
