pub fn leave() -> String {
    wording::bye().to_string()
}
