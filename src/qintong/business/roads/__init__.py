"""路网建管养: technical records of bridges and the rest of the road's assets."""
