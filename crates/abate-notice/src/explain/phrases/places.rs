//! Where the Regions are. A Region that is not listed is shown by its code alone.

use abate_model::Text;

const PLACES: &[(&str, Text)] = &[
    ("us-east-1", Text::fixed("Virginia, USA", "米国バージニア北部")),
    ("us-east-2", Text::fixed("Ohio, USA", "米国オハイオ")),
    ("us-west-1", Text::fixed("California, USA", "米国カリフォルニア北部")),
    ("us-west-2", Text::fixed("Oregon, USA", "米国オレゴン")),
    ("af-south-1", Text::fixed("Cape Town", "ケープタウン")),
    ("ap-east-1", Text::fixed("Hong Kong", "香港")),
    ("ap-south-1", Text::fixed("Mumbai", "ムンバイ")),
    ("ap-south-2", Text::fixed("Hyderabad", "ハイデラバード")),
    ("ap-southeast-1", Text::fixed("Singapore", "シンガポール")),
    ("ap-southeast-2", Text::fixed("Sydney", "シドニー")),
    ("ap-southeast-3", Text::fixed("Jakarta", "ジャカルタ")),
    ("ap-southeast-4", Text::fixed("Melbourne", "メルボルン")),
    ("ap-southeast-5", Text::fixed("Malaysia", "マレーシア")),
    ("ap-northeast-1", Text::fixed("Tokyo", "東京")),
    ("ap-northeast-2", Text::fixed("Seoul", "ソウル")),
    ("ap-northeast-3", Text::fixed("Osaka", "大阪")),
    ("ca-central-1", Text::fixed("Canada", "カナダ中部")),
    ("eu-central-1", Text::fixed("Frankfurt", "フランクフルト")),
    ("eu-central-2", Text::fixed("Zurich", "チューリッヒ")),
    ("eu-west-1", Text::fixed("Ireland", "アイルランド")),
    ("eu-west-2", Text::fixed("London", "ロンドン")),
    ("eu-west-3", Text::fixed("Paris", "パリ")),
    ("eu-south-1", Text::fixed("Milan", "ミラノ")),
    ("eu-south-2", Text::fixed("Spain", "スペイン")),
    ("eu-north-1", Text::fixed("Stockholm", "ストックホルム")),
    ("il-central-1", Text::fixed("Tel Aviv", "テルアビブ")),
    ("me-south-1", Text::fixed("Bahrain", "バーレーン")),
    ("me-central-1", Text::fixed("United Arab Emirates", "アラブ首長国連邦")),
    ("sa-east-1", Text::fixed("São Paulo", "サンパウロ")),
];

/// The Region's code with its place.
pub(in crate::explain) fn named(code: &str) -> Text {
    match PLACES.iter().find(|(known, _)| *known == code) {
        Some((_, place)) => Text::new(format!("{code} ({})", place.en), format!("{code}（{}）", place.ja)),
        None => Text::same(code),
    }
}
