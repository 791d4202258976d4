"""The composition root: settings, addresses, processes, command line. The only place that knows everybody."""
