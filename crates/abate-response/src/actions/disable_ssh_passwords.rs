//! `disable-ssh-passwords`: end sign-in by a password that can be guessed.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "disable-ssh-passwords",
    phase: Phase::Prevent,
    when: |facts| facts.when_or(&[Claim::SshLoginAfterBruteForce, Claim::SshLoginFromNewPlace], &[], None),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Switch off password sign-in for SSH", "SSH のパスワード認証を無効化する"),
    done_text: Text::fixed("We switched off password sign-in for SSH.", "SSH のパスワード認証を無効化しました。"),
    why: Text::fixed("A password that can be guessed will be guessed.", "推測できるパスワードは、いずれ推測される。"),
    risk: Text::fixed(
        "Those without a key lose access: set up keys or Session Manager first.",
        "鍵を持たない利用者は入れなくなるため、先に鍵か Session Manager を用意する。",
    ),
    undo: Text::fixed("PasswordAuthentication yes (not advisable)", "PasswordAuthentication yes に戻す（推奨しない）"),
    how: Text::fixed(
        "PasswordAuthentication no and KbdInteractiveAuthentication no in /etc/ssh/sshd_config.d/00-local.conf, then sshd -t and systemctl reload sshd; check the effect: sshd -T | grep -i password",
        "/etc/ssh/sshd_config.d/00-local.conf に PasswordAuthentication no と KbdInteractiveAuthentication no を書き、sshd -t の後 systemctl reload sshd。確認: sshd -T | grep -i password",
    ),
};
