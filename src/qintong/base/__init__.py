"""(一) 基础资源: one lock, master records, one map, private network, cloud. Task 1 of the plan."""
