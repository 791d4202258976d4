"""运行监测与应急指挥: alarms on the duty desk."""
