//! Complaints of the demonstration, one in each state: answered and published, answered to the
//! sender alone, looked into, about an officer, and a donor who asks to be shown.

use chrono::{DateTime, TimeDelta, Utc};

use super::people::People;
use super::seeded::Seeded;
use super::{Fault, morning};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::OfficerRole;
use crate::ledger::word::{Date, Origin, Person};
use crate::store::desk::complaints::{About, Actor, NewComplaint, Publication};
use crate::store::search::GiftQuery;
use crate::store::{ChapterId, Store, desk};

/// What somebody said, how many days before the last one, and after how many days it was answered.
struct Told {
    about: About,
    days: i64,
    text: &'static str,
    contact: Option<&'static str>,
    answered: Option<(i64, &'static str)>,
    published: Option<(&'static str, &'static str)>,
}

const TOLD: [Told; 4] = [
    Told {
        about: About::Entry,
        days: 96,
        text: "Em chuyển khoản mùng 3 mà tới mùng 5 mới thấy trong sổ, em tưởng bị mất.",
        contact: Some("Zalo 0900 000 001 (ví dụ)"),
        answered: Some((2, "Tiền về tài khoản ngày 5, nên sổ ghi ngày 5. Khoản của bạn còn đủ.")),
        published: Some((
            "Hỏi vì sao ngày ghi sổ muộn hơn ngày chuyển khoản",
            "Sổ ghi theo ngày tiền về tài khoản của Hội; ngân hàng có thể chậm một hai ngày. \
             Trang Tra cứu nay nhắc điều này.",
        )),
    },
    Told {
        about: About::Page,
        days: 41,
        text: "Chữ trên điện thoại của bà nhỏ quá, bà không đọc được số tiền.",
        contact: None,
        answered: Some((6, "Bà chạm hai ngón tay để phóng to; Hội cũng in bảng chữ lớn ở trụ sở.")),
        published: Some((
            "Người cao tuổi khó đọc số tiền trên điện thoại",
            "Các trang phóng to được đến 200 %. Hội dán thêm bản in chữ lớn ở trụ sở.",
        )),
    },
    Told {
        about: About::Family,
        days: 26,
        text: "Nhà bên cạnh cũng khó khăn mà đợt vừa rồi không thấy có tên, xin Hội xem lại giúp.",
        contact: Some("0900 000 002 (ví dụ)"),
        answered: Some((3, "Cảm ơn bạn. Hội đã đến thăm và đưa hộ vào đợt xét sau.")),
        published: None,
    },
    Told {
        about: About::Other,
        days: 9,
        text: "Bao giờ thì có đợt hiến máu tiếp theo, tôi muốn đăng ký cho cả tổ.",
        contact: None,
        answered: None,
        published: None,
    },
];

/// Whoever writes at the desk: chair and treasurer.
struct Desk<'a> {
    store: &'a Store,
    chapter: ChapterId,
    desk: desk::Chapter,
    chair: &'a Person,
    treasurer: &'a Person,
}

/// Writes them; the last entry is dated the day before `today`.
pub async fn write(
    store: &Store,
    root: &Seeded,
    people: &People,
    origin: &Origin,
    today: Date,
) -> Result<(), Fault> {
    let Some(chapter) = store.find(origin) else { return Ok(()) };
    let mut seeded = root.child("complaints");
    let (now, chair) = (morning(today), people.officers.iter());
    let chair = chair.clone().find(|one| one.role == OfficerRole::Chair);
    let chair = &chair.ok_or(Fault::Scenario("a chapter without a chair"))?.person;
    let treasurer = &people.treasurer().person;
    let desk = Desk { store, chapter, desk: store.desk(chapter)?, chair, treasurer };
    for told in &TOLD {
        let nonce = seeded.opaque();
        let new = NewComplaint { contact: told.contact, ..plain(told.about, told.text, &nonce) };
        desk.tell(told, &new, now - TimeDelta::days(told.days)).await?;
    }
    let nonce = seeded.opaque();
    let text = "Cán bộ thu tiền ủng hộ ở chợ mà quên đưa phiếu thu, hôm sau mới đưa.";
    let officer = Some(desk.treasurer.clone());
    let new = NewComplaint { officer, ..plain(About::Officer, text, &nonce) };
    store.file_complaint(chapter, &new, now - TimeDelta::days(2)).await?;
    desk.wish(&seeded.opaque(), now - TimeDelta::days(1)).await
}

fn plain<'a>(about: About, text: &'a str, nonce: &'a str) -> NewComplaint<'a> {
    NewComplaint {
        about,
        seq: None,
        officer: None,
        wanted: None,
        by_code: false,
        text,
        contact: None,
        nonce,
    }
}

impl Desk<'_> {
    async fn tell(
        &self,
        told: &Told,
        new: &NewComplaint<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let filed = self.store.file_complaint(self.chapter, new, at).await?;
        let actor = Actor { person: self.chair, roles: &[OfficerRole::Chair] };
        let taken = at + TimeDelta::hours(20);
        self.store.take_complaint(&self.desk, (&filed.id, 0), actor, taken).await?;
        let Some((after, answer)) = told.answered else { return Ok(()) };
        let publication = told.published.map(|(summary, reply)| Publication {
            summary: summary.to_owned(),
            reply: reply.to_owned(),
        });
        let (said, at) = ((answer, publication.as_ref()), at + TimeDelta::days(after));
        let of = (&filed.id, 1);
        Ok(self.store.answer_complaint(&self.desk, of, said, actor, at).await?)
    }

    /// The giver of the newest gift without a name asks to be shown.
    async fn wish(&self, nonce: &str, at: DateTime<Utc>) -> Result<(), Fault> {
        let size = self.store.head(self.chapter)?.map_or(0, |head| head.size);
        let newest = self.store.find_gifts(self.chapter, &GiftQuery::default(), size, 50).await?;
        let Some(gift) = newest.iter().find(|gift| gift.name.is_none()) else { return Ok(()) };
        let text = "Năm nay tôi muốn để tên thật, cho các cháu ở nhà thấy.";
        let new = NewComplaint {
            seq: Some(gift.seq),
            by_code: true,
            wanted: Some(PrivateName::FullName),
            contact: Some("0900 000 003 (ví dụ)"),
            ..plain(About::Name, text, nonce)
        };
        self.store.file_complaint(self.chapter, &new, at).await?;
        Ok(())
    }
}

/// The code of the page of a sender who was answered.
pub async fn code(
    store: &Store,
    root: &Seeded,
    origin: &Origin,
    today: Date,
) -> Result<Option<ReceiptCode>, Fault> {
    let (Some(chapter), [told, ..]) = (store.find(origin), &TOLD) else { return Ok(None) };
    let nonce = root.child("complaints").opaque();
    let new = NewComplaint { contact: told.contact, ..plain(told.about, told.text, &nonce) };
    // The same form once more gives the code of the first time, and changes nothing.
    let at = morning(today) - TimeDelta::days(told.days);
    Ok(Some(store.file_complaint(chapter, &new, at).await?.code))
}
