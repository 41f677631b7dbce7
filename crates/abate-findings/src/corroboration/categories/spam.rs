//! Unsolicited mail: to mail servers directly, through a mail server of ours, or through Amazon SES.

use abate_model::{Claim, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::contact::{self, contacts};
use crate::corroboration::mail;
use crate::corroboration::question::{Question, Sign};

/// Ports of mail submission and transfer.
const MAIL: [u16; 4] = [25, 465, 587, 2525];

pub(super) static SPAM: Corroboration = Corroboration {
    claims: &[Claim::OutboundSmtpFanOut, Claim::SesAbuse, Claim::MailAbuse],
    guardduty: &["Backdoor:EC2/Spambot"],
    tables: &[Table::NetworkActivity, Table::EmailActivity, Table::ApiActivity],
    expects: Text::fixed(
        "connections from our address to mail servers (ports 25, 465, 587, 2525), mail in the logs of our mail servers, or sending through SES",
        "当方のアドレスからメールサーバー（ポート 25・465・587・2525）への接続、自社メールサーバーの送信記録、または SES による送信",
    ),
    agrees: agree::always,
    look,
    scope: None,
    outward: true,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let mut contacts = contacts(question, window);
    contacts.retain(|contact| MAIL.contains(&contact.port));
    contact::sign(&contacts).into_iter().chain(mail::sent(question, window)).collect()
}
