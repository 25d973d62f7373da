with

import_accounts as (

    select * from {{ ref('int_import_accounts') }}

)

select * from import_accounts
