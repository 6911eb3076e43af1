"""The dashboards as code: `make dashboards` writes deploy/grafana/dashboards from the tables in here."""
