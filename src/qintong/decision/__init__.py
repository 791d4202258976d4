"""(四) 决策监管: command, video, enforcement, insight. Tasks 8 to 10 of the plan."""
