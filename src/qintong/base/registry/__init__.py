"""数据资源: the master records that every task refers to: company, person, vehicle, terminal, route, structure."""
