#!/bin/sh
# Open a small trained shop on the port $1 for the end-to-end tests. Its data lies in a temporary
# folder, which is removed when the shop stops.
set -eu
cd "$(dirname "$0")/../.."
PYTHON="${PYTHON:-.venv/bin/python}"
VAR_DIR="$(mktemp -d "${TMPDIR:-/tmp}/storefront-e2e.XXXXXX")"
export VAR_DIR DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_dev LOG_LEVEL=WARNING
export DATABASE_URL="sqlite:///$VAR_DIR/db.sqlite3" REDIS_URL=""
server=
worker=
close() {
  trap - EXIT INT TERM HUP
  for process in $server $worker; do kill "$process" 2>/dev/null || true; done
  for process in $server $worker; do wait "$process" 2>/dev/null || true; done
  rm -rf "$VAR_DIR"
}
trap close EXIT
trap 'exit 143' INT TERM HUP

# One process for all steps: each would spend seconds on imports. The behaviour of the sample
# shoppers depends on the hour, so the data always ends at noon of yesterday.
"$PYTHON" manage.py shell --verbosity 0 -c "
from datetime import UTC, datetime, time, timedelta
from django.core.management import call_command
from recommendations.sample_data import populate
call_command('migrate', verbosity=0)
noon = datetime.combine(datetime.now(UTC) - timedelta(days=1), time(12), UTC)
populate(products=240, users=160, interactions=12_000, seed=7, end_time=noon)
call_command('train_models')
from django.contrib.auth.models import User
User.objects.create_superuser('staff', password='staff-of-the-tests')
from django.contrib.auth.models import Group
from recommendations.models import Order, Product
for role in Group.objects.all():
    name = role.name.split()[0].lower()
    member = User.objects.create_user(name, password='correct-horse-battery', is_staff=True)
    member.groups.add(role)
User.objects.create_user('newcomer')
buyer, product = User.objects.create_user('demo-buyer'), Product.objects.first()
order = Order.objects.create(user=buyer, created_at=noon)
order.lines.create(product=product, product_name=product.name, price=product.price, quantity=1)
call_command('rebuild_insight')"
"$PYTHON" -m ecommerce_rec.serve --port "$1" &
server=$!
# Without its schedule: it does what staff hand to it, and nothing by itself.
"$PYTHON" -m celery --app ecommerce_rec worker --pool solo --without-gossip --without-mingle \
  --without-heartbeat --loglevel WARNING &
worker=$!
wait "$server"
