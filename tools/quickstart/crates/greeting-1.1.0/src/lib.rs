pub fn greet(name: &str) -> String {
    format!("{} again, {name}", wording::hello())
}
