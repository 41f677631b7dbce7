//! Who held an address, in words.

use abate_model::Text;
use abate_model::time::utc;

use super::{Edge, Holder, HolderKind, Holding, Standing, Workload};

impl Holder {
    /// `NAT gateway nat-1 (eni-1)`
    pub(crate) fn says(&self) -> Text {
        let (en, ja) = match self.kind {
            HolderKind::Unattached => {
                return Text::fixed(
                    "no resource (it was allocated and not in use)",
                    "未使用（割り当て済みだがどのリソースにも関連付けなし）",
                );
            }
            HolderKind::Interface => ("network interface", "ネットワークインターフェイス"),
            HolderKind::Instance => ("instance", "インスタンス"),
            HolderKind::NatGateway => ("NAT gateway", "NAT ゲートウェイ"),
            HolderKind::LoadBalancer => ("load balancer", "ロードバランサー"),
            HolderKind::Task => ("ECS task", "ECS タスク"),
            HolderKind::Lightsail => ("Lightsail instance", "Lightsail インスタンス"),
        };
        let of = [&self.resource, &self.interface].into_iter().flatten().cloned().collect::<Vec<_>>();
        match of.as_slice() {
            [] => Text::new(format!("a {en}"), ja),
            [one] => Text::new(format!("{en} {one}"), format!("{ja} {one}")),
            [one, rest @ ..] => Text::new(format!("{en} {one} ({})", rest.join(", ")), format!("{ja} {one}（{}）", rest.join("、"))),
        }
    }
}

impl Holding {
    /// `instance i-1 (eni-1), since 2026-… until 2026-…`
    pub(crate) fn says(&self) -> Text {
        let holder = self.holder.says();
        let from = match &self.from {
            Edge::Act(at, _) => Text::new(format!(" since {}", utc(*at)), format!("（{} から", utc(*at))),
            Edge::Seen(at, _) => Text::new(format!(" at the latest since {}", utc(*at)), format!("（遅くとも {} から", utc(*at))),
            Edge::Described(_) => Text::fixed(" when it was described", "（構成情報の取得時点"),
        };
        let until = match &self.until {
            Some(Edge::Act(at, _)) => Text::new(format!(" until {}", utc(*at)), format!("、{} まで）", utc(*at))),
            Some(Edge::Seen(at, _)) => Text::new(format!(" and still at {}", utc(*at)), format!("、{} の時点でも継続）", utc(*at))),
            Some(Edge::Described(_)) | None => Text::fixed("", "）"),
        };
        Text::new(format!("{}{}{}", holder.en, from.en, until.en), format!("{}{}{}", holder.ja, from.ja, until.ja))
    }
}

impl Workload {
    /// `10.0.1.5 (i-1, web)`
    pub(crate) fn says(&self) -> Text {
        let known: Vec<&str> = [&self.resource, &self.interface, &self.name].into_iter().flatten().map(String::as_str).collect();
        if known.is_empty() {
            return Text::same(self.private.to_string());
        }
        Text::new(format!("{} ({})", self.private, known.join(", ")), format!("{}（{}）", self.private, known.join("、")))
    }
}

impl Standing {
    /// Whose the address was at the time, in a sentence; `None` where nothing is known.
    pub(crate) fn says(&self) -> Option<Text> {
        let holdings = self.holdings();
        let first = holdings.first()?;
        let (address, said) = (self.timeline.address, holdings.iter().take(3).map(|h| h.says()).collect::<Vec<_>>());
        let list = |pick: fn(&Text) -> &str, with: &str| said.iter().map(pick).collect::<Vec<_>>().join(with);
        let certain = first.spans(self.window);
        let (sure_en, sure_ja) = if certain { ("", "") } else { (", as far as the evidence tells", "（証跡から分かる範囲）") };
        let mut en = format!("{address} was held by {}{sure_en}.", list(|t| &t.en, "; then "));
        let mut ja = format!("{address} の保有者: {}{sure_ja}。", list(|t| &t.ja, "、次いで "));
        if !self.behind.is_empty() {
            let who: Vec<Text> = self.behind.iter().map(Workload::says).collect();
            let join = |pick: fn(&Text) -> &str, with: &str| who.iter().map(pick).collect::<Vec<_>>().join(with);
            en.push_str(&format!(" Behind it, the traffic was that of {}.", join(|t| &t.en, ", ")));
            ja.push_str(&format!("その背後で通信していたのは {} である。", join(|t| &t.ja, "、")));
        }
        Some(Text::new(en, ja))
    }
}
