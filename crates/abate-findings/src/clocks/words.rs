//! What the votes say of a clock, and how it is told.

use abate_model::text::count;
use abate_model::{Ahead, Clock, ClockReading, SeenTwice, Text, ZoneCertainty};

use super::Who;
use super::votes::Count;

/// Seconds within which two clocks are in step.
const IN_STEP: i64 = 5;

/// Seconds by which a clock in another zone may be off besides.
const BESIDES: i64 = 60;

/// An estimate that is wider says nothing about quarters, halves, whole hours: step of the zone and widest estimate, in seconds.
const STEPS: [(i64, i64); 3] = [(3600, 1800), (1800, 600), (900, 300)];

/// Seconds from which on a distance that is no matter of zones must be borne out by more than one address: somebody who goes through
/// the same ports again and again makes his own pattern.
const FAR: i64 = 600;

/// What one kind of act says of a clock.
pub(super) struct Told {
    pub by: SeenTwice,
    pub count: Count,
    /// acts that the other log ought to have if the estimate holds, by when it has any
    pub ought: u64,
    /// readers of the logs that it was compared with
    pub against: Vec<String>,
}

impl Told {
    /// So many acts must agree. Visits are known by their address alone, and so easier mistaken.
    const fn least(&self) -> u64 {
        if matches!(self.by, SeenTwice::Visit) { 5 } else { 3 }
    }

    /// The estimate, or why there is none.
    fn estimate(&self) -> Result<(Ahead, ClockReading), Text> {
        let Count { acts, agreeing, addresses, ahead } = &self.count;
        let kind = self.by.title();
        if *agreeing < self.least() {
            return Err(Text::new(
                format!("only {agreeing} of the {} that both logs have agree, and at least {} must", kind.en, self.least()),
                format!("双方のログにある{}のうち一致するのは {agreeing} 件のみ（{} 件以上必要）", kind.ja, self.least()),
            ));
        }
        if agreeing * 2 < *acts {
            return Err(Text::new(
                format!("of {acts} {} that both logs have no more than {agreeing} agree on one distance", kind.en),
                format!("双方のログにある{} {acts} 件のうち、同じずれを示すのは {agreeing} 件にとどまる", kind.ja),
            ));
        }
        let [one] = ahead.as_slice() else {
            return Err(Text::new(
                format!("{} distances fit the {} alike", ahead.len(), kind.en),
                format!("{}に同程度に合うずれが {} 通りある", kind.ja, ahead.len()),
            ));
        };
        let reading = reading(*one);
        if reading == ClockReading::Apart && one.from.abs().max(one.to.abs()) > FAR && *addresses < 2 {
            return Err(Text::new(
                format!("all {} that agree are of one address, which may repeat itself", kind.en),
                format!("一致する{}がすべて同じアドレスのもので、同じ動作の繰り返しの可能性がある", kind.ja),
            ));
        }
        // Somebody who comes every hour is an hour late in every log; those who come once tell it from a clock.
        let by_habit = matches!(self.by, SeenTwice::Visit | SeenTwice::Request);
        if reading != ClockReading::InStep && by_habit && agreeing * 2 < self.ought {
            return Err(Text::new(
                format!("of {} {} that the other log would have to have then, it has no more than {agreeing}", self.ought, kind.en),
                format!("そのずれが正しければもう一方のログにあるはずの{} {} 件のうち、あるのは {agreeing} 件のみ", kind.ja, self.ought),
            ));
        }
        Ok((*one, reading))
    }
}

/// The clock, by the kind of act of which most agree.
pub(super) fn clock(who: &Who, told: &[Told]) -> Clock {
    let of = |told: &Told| (told.estimate().is_ok(), told.count.agreeing, told.count.acts);
    // Of equals the first.
    let best = told.iter().rev().filter(|told| told.count.acts > 0).max_by_key(|told| of(told));
    let clock = Clock {
        format: who.format.clone(),
        host: who.host.clone(),
        zone: who.zone,
        against: Vec::new(),
        by: None,
        acts: 0,
        agreeing: 0,
        addresses: 0,
        ahead: None,
        reading: ClockReading::NotEstimated,
        says: Text::fixed(
            "not estimated: no log at hand has the same acts by a better clock (flow logs, load balancer logs, login records)",
            "推定できない: 同じ活動をより確かな時計で記録したログ（フローログ、ロードバランサーのログ、ログイン記録）が手元にない",
        ),
    };
    let Some(told) = best else { return clock };
    let (ahead, reading, says) = match told.estimate() {
        Ok((ahead, reading)) => (Some(ahead), reading, says(ahead, reading, who.zone, told)),
        Err(why) => {
            (None, ClockReading::NotEstimated, Text::new(format!("not estimated: {}", why.en), format!("推定できない: {}", why.ja)))
        }
    };
    let Count { acts, agreeing, addresses, .. } = told.count;
    Clock { against: told.against.clone(), by: Some(told.by), acts, agreeing, addresses, ahead, reading, says, ..clock }
}

/// What stands for clocks that were left out because there are too many.
pub(super) fn left_out(format: &str, hosts: usize) -> Clock {
    let who = Who { format: format.to_owned(), host: None, zone: ZoneCertainty::Unknown };
    let says = Text::new(
        format!("not estimated: {} more than are looked at", count(hosts as u64, "host")),
        format!("推定できない: 比較の上限を超えたホスト {hosts} 台"),
    );
    Clock { says, ..clock(&who, &[]) }
}

/// What an estimate looks like.
fn reading(ahead: Ahead) -> ClockReading {
    if ahead.from <= IN_STEP && ahead.to >= -IN_STEP {
        ClockReading::InStep
    } else if zone(ahead).is_some() {
        ClockReading::OtherZone
    } else {
        ClockReading::Apart
    }
}

/// The difference of zones that an estimate fits, in seconds.
fn zone(ahead: Ahead) -> Option<i64> {
    let width = ahead.to - ahead.from;
    let fits = |(step, widest): (i64, i64)| {
        let nearest = (ahead.from + width / 2 + step / 2).div_euclid(step) * step;
        let fits = width <= widest && nearest != 0 && ahead.from - BESIDES <= nearest && nearest <= ahead.to + BESIDES;
        fits.then_some(nearest)
    };
    STEPS.into_iter().find_map(fits)
}

fn says(ahead: Ahead, reading: ClockReading, zone_of: ZoneCertainty, told: &Told) -> Text {
    let (kind, against) = (told.by.title(), told.against.join(", "));
    let Count { acts, agreeing, addresses, .. } = told.count;
    let basis = Text::new(
        format!("{agreeing} of {acts} {} that both logs have agree, of {}", kind.en, addresses_en(addresses)),
        format!("双方のログにある{} {acts} 件中 {agreeing} 件が一致、アドレス {addresses} 件", kind.ja),
    );
    let (near, far) = if ahead.from < 0 && ahead.to <= 0 { (-ahead.to, -ahead.from) } else { (ahead.from, ahead.to) };
    let behind = ahead.to < 0;
    let (side_en, side_ja) = if behind { ("behind", "遅れ") } else { ("ahead of", "進み") };
    match reading {
        ClockReading::InStep => {
            let within = amount(ahead.from.abs().max(ahead.to.abs()));
            Text::new(
                format!("in step with {against} to within {} ({})", within.en, basis.en),
                format!("{against} と {} 以内で一致（{}）", within.ja, basis.ja),
            )
        }
        ClockReading::OtherZone => {
            let distance = amount(zone(ahead).unwrap_or_default().abs());
            let rest = range(near, far);
            let (where_en, where_ja) = if behind { ("east", "東") } else { ("west", "西") };
            let cause = if zone_of == ZoneCertainty::Stated {
                Text::fixed(
                    "what wrote the log states a zone that is not the one of its times",
                    "ログを書いた側が、実際の時刻と異なるタイムゾーンを記している",
                )
            } else {
                Text::new(
                    format!(
                        "its lines state no zone and were read in one {} {where_en} of theirs; read it with the right --log-zone",
                        distance.en
                    ),
                    format!(
                        "行にタイムゾーンの記載がなく、本来より {} {where_ja}のタイムゾーンとして読まれている。正しい --log-zone を指定して読み直す",
                        distance.ja
                    ),
                )
            };
            Text::new(
                format!("{} {side_en} {against}, as with a wrong time zone ({}; {}): {}", distance.en, rest.en, basis.en, cause.en),
                format!(
                    "{against} より {}{side_ja}、タイムゾーンの取り違えとみられる（{}、{}）: {}",
                    distance.ja, rest.ja, basis.ja, cause.ja
                ),
            )
        }
        ClockReading::Apart | ClockReading::NotEstimated => {
            let by = range(near, far);
            Text::new(
                format!("{} {side_en} {against}, as with a clock that nothing sets ({})", by.en, basis.en),
                format!("{against} より {}{side_ja}、時刻同期されていない時計とみられる（{}）", by.ja, basis.ja),
            )
        }
    }
}

fn addresses_en(addresses: u64) -> String {
    if addresses == 1 { "1 address".to_owned() } else { format!("{addresses} addresses") }
}

fn range(from: i64, to: i64) -> Text {
    let (from, to) = (amount(from), amount(to));
    if from == to { from } else { Text::new(format!("{} to {}", from.en, to.en), format!("{}〜{}", from.ja, to.ja)) }
}

/// `9 h 1 min 5 s`.
fn amount(seconds: i64) -> Text {
    let parts = [(seconds / 3600, "h", "時間"), (seconds % 3600 / 60, "min", "分"), (seconds % 60, "s", "秒")];
    let mut said: Vec<_> = parts.into_iter().filter(|(n, ..)| *n != 0).collect();
    if said.is_empty() {
        said.push((0, "s", "秒"));
    }
    let en: Vec<String> = said.iter().map(|(n, en, _)| format!("{n} {en}")).collect();
    let ja: Vec<String> = said.iter().map(|(n, _, ja)| format!("{n} {ja}")).collect();
    Text::new(en.join(" "), ja.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(from: i64, to: i64) -> ClockReading {
        reading(Ahead { from, to })
    }

    #[test]
    fn hours_are_zones_and_anything_else_is_a_clock() {
        assert_eq!((looks(-1, 61), looks(4, 9), looks(-70, -4)), (ClockReading::InStep, ClockReading::InStep, ClockReading::InStep));
        assert_eq!((looks(46, 107), looks(-91, -30)), (ClockReading::Apart, ClockReading::Apart));
        for hours in [9 * 3600, -5 * 3600, 19_800, 20_700, 3600] {
            assert_eq!(looks(hours - 1, hours + 61), ClockReading::OtherZone, "{hours}");
            assert_eq!(zone(Ahead { from: hours + 46, to: hours + 107 }), Some(hours), "with a drift of 47 seconds");
        }
        assert_eq!(looks(9 * 3600 + 300, 9 * 3600 + 360), ClockReading::Apart);
        assert_eq!(looks(500, 1500), ClockReading::Apart, "so wide an estimate is no quarter of an hour");
    }

    #[test]
    fn amounts() {
        let said = |seconds| amount(seconds).en.into_owned();
        assert_eq!((said(0), said(47), said(32_400), said(32_461)), ("0 s".into(), "47 s".into(), "9 h".into(), "9 h 1 min 1 s".into()));
    }
}
