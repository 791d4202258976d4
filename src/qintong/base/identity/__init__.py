"""一把锁: the regions and organisations of the province, its users, and what each may do where."""
