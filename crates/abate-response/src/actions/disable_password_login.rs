//! `disable-password-login`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "disable-password-login",
    phase: Phase::Prevent,
    when: |facts| facts.when(&[Claim::SshLoginAfterBruteForce, Claim::SshBruteForce]),
    title: Text::fixed(
        "Switch off password sign-in for SSH, and close port 22 to the Internet (use Session Manager)",
        "SSH のパスワード認証を無効化し、22 番ポートをインターネットに対して閉じる（Session Manager を利用）",
    ),
    done_text: Text::fixed(
        "We switched off password sign-in for SSH and closed port 22 to the Internet.",
        "SSH のパスワード認証を無効化し、22 番ポートをインターネットに対して閉じました。",
    ),
    why: Text::fixed("A password that can be guessed will be guessed.", "推測できるパスワードは、いずれ推測される。"),
    risk: Text::fixed(
        "Those without a key lose access: set up Session Manager first.",
        "鍵を持たない利用者は入れなくなるため、先に Session Manager を用意する。",
    ),
    undo: Text::fixed("PasswordAuthentication yes in sshd_config", "sshd_config の PasswordAuthentication を yes に戻す"),
    how: "PasswordAuthentication no in /etc/ssh/sshd_config.d/, then reload sshd",
};
