"""(三) 交通服务: permits, hotline, ticketing, transit, card, rural. Tasks 6 and 7 of the plan."""
