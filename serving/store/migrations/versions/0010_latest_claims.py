"""The newest claim of a reviewer is found without counting all that he ever had."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the store up."""
    op.create_index("ix_claims_account_id_id", "claims", ["account_id", "id"])


def downgrade() -> None:
    """Take the store down."""
    op.drop_index("ix_claims_account_id_id", "claims")
