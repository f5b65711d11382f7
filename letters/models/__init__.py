"""Tables, one small module a family, and the values that other rooms get from them."""
