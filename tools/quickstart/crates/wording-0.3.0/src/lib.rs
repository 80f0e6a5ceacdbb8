pub fn hello() -> &'static str {
    "hello"
}

pub fn bye() -> &'static str {
    "bye"
}
