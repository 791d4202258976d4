"""(二) 业务管理: roads, smart highway, road transport, waterway. Tasks 2 to 5 of the plan."""
