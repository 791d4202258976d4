"""决策支持: the cockpit, what there is and what needs attention."""
