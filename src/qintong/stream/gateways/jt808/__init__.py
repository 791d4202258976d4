"""JT/T 808 (2011, 2013 and 2019) over TCP: terminals of road vehicles."""
