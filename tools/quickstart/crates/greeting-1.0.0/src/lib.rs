pub fn greet(name: &str) -> String {
    format!("{}, {name}", wording::hello())
}
